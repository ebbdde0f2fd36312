import type { Scope } from '../api-keys.ts';

/** An `http in` node of the flows that run. */
export interface Entrance {
  /** What to call it in a sentence. */
  name: string;
  /** In capitals. */
  method: string;
  /** As Express takes it: `/api/players/:id`. */
  path: string;
  /** It hands on the body unread. */
  raw: boolean;
  /** The ids of the nodes right behind it. */
  next: string[];
}

/** What a `web-guard` demands of the requests behind it. */
export interface Guard {
  node: string;
  community: string;
  access: 'key' | 'public';
  /** What a key must be for. */
  scope: Scope;
  mostBytes: number;
  /** Calls a minute on this path alone; null: its share of what all paths have together. */
  mostCalls: number | null;
  /** What may stand behind the path's `?`, each once; null: whatever the flow makes of it. */
  parameters: string[] | null;
}

const PUT_A_GUARD = 'Wire its “http in” node straight to a web-guard node, and everything else behind that.';

/**
 * The one table of who may come in: for each method and path the guard that answers for it, or a sentence that says why
 * nobody may and how to mend it.
 * @param guards the guards that run, by node id
 */
export function entranceTable(
  entrances: readonly Entrance[],
  guards: ReadonlyMap<string, Guard>,
): Map<string, Guard | string> {
  const all = Map.groupBy(entrances, keyOf);
  return new Map([...all].map(([key, same]) => [key, verdictOf(key, same, guards)]));
}

/** What a path is found by in the table. */
export const keyOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

/** A path by which Node-RED knows those of which it hands on the body unread (its `21-httpin.js`, getRouteKey). */
export const pathKey = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/\/$/, '');

/** Paths that no `http in` of a tab has: those that a subflow brings along. */
export const unknownEntrance = (key: string): string =>
  `${key} is closed: its “http in” node lies in a subflow. Put that and its web-guard on a tab.`;

function verdictOf(key: string, same: Entrance[], guards: ReadonlyMap<string, Guard>): Guard | string {
  const raw = same.find((entrance) => entrance.raw);
  if (raw) return `${key} is closed: ${raw.name} does not parse the body. Switch that off: the web-guard reads bodies.`;
  const found = same.map(({ next }) => next.flatMap((id) => guards.get(id) ?? []));
  const [guard] = found[0] ?? [];
  if (!guard || found.some(({ length }) => length === 0)) return `${key} is closed: nothing guards it. ${PUT_A_GUARD}`;
  if (found.flat().some(({ node }) => node !== guard.node)) {
    return `${key} is closed: it has several guards. Keep one “http in” node for it, with one web-guard behind.`;
  }
  return guard;
}
