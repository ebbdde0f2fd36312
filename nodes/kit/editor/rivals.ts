import type { Problem } from './checks.ts';
import type { EditorNode } from './red.ts';
import type { SettingField, Settings } from './table.ts';

/** After these, nodes may have become rivals, or none any more. */
const CHANGES = ['nodes:add', 'nodes:change', 'nodes:remove', 'flows:change'] as const;

/**
 * Says which other node of this type wants what only one node of a community can have. Nodes that a deploy leaves out
 * are nobody's rivals.
 * @param settings the node's, as they are in its dialog or saved
 * @param saved gives another node's settings
 */
export function rivalProblem(
  node: EditorNode,
  field: SettingField,
  settings: Settings,
  saved: (other: EditorNode) => Settings,
): Problem | null {
  const { rivals } = field;
  const community = guildOf(settings);
  if (!rivals || community === null || !isDeployed(node)) return null;
  const other = nodesOf(node.type).find((one) => {
    const its = saved(one);
    return one.id !== node.id && isDeployed(one) && guildOf(its) === community && rivals(settings, its);
  });
  if (!other) return null;
  const tab = RED.nodes.workspace(other.z) ?? RED.nodes.subflow(other.z);
  const called = RED.utils.getNodeLabel(other);
  return tab
    ? { key: 'problems.rival', values: { node: called, tab: tab.label ?? tab.name ?? '' } }
    : { key: 'problems.rivalConfig', values: { node: called } };
}

/** All nodes of a type, configuration nodes among them. */
export function nodesOf(type: string): EditorNode[] {
  const found = RED.nodes.filterNodes({ type });
  RED.nodes.eachConfig((node) => {
    if (node.type === type) found.push(node);
    return true;
  });
  return found;
}

/** What stands for a community: its guild, which two configuration nodes may share. */
function guildOf({ community }: Settings): string | null {
  const config = community ? RED.nodes.node(String(community)) : null;
  return config ? String(config.guild ?? '') : null;
}

function isDeployed({ d, z }: EditorNode): boolean {
  if (d) return false;
  // A configuration node for all tabs.
  if (!z) return true;
  const tab = RED.nodes.workspace(z);
  return tab ? !tab.disabled : (RED.nodes.subflow(z)?.instances.length ?? 0) > 0;
}

/** Judges all nodes of a type anew, soon after something that may have made rivals of them, or freed them. */
export function judgeAgain(type: string): void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  const judge = (): void => {
    for (const node of nodesOf(type)) RED.editor.validateNode(node);
    RED.view.redraw();
  };
  for (const event of CHANGES) {
    RED.events.on(event, () => {
      clearTimeout(soon);
      soon = setTimeout(judge);
    });
  }
}
