import type { NodeAPI } from 'node-red';
import type { Entrance } from '../../platform/web/entrances.ts';

/** What of Node-RED's `http in` as it runs is asked here. */
interface HttpIn {
  url?: string;
  method: string;
  skipBodyParsing?: boolean;
  wires: string[][];
}

/** The `http in` nodes that run. Of those within subflows the runtime does not say where they stand: they are left out. */
export function entrancesOf(RED: NodeAPI): Entrance[] {
  const entrances: Entrance[] = [];
  RED.nodes.eachNode(({ id, type, name }) => {
    if (type !== 'http in') return;
    const node = RED.nodes.getNode(id) as unknown as HttpIn | null;
    if (!node?.url) return;
    entrances.push({
      name: name ? `“${name}”` : `http in ${id}`,
      method: node.method.toUpperCase(),
      path: node.url,
      raw: node.skipBodyParsing === true,
      next: node.wires.flat(),
    });
  });
  return entrances;
}
