import type { Platform } from '../../../platform/start.ts';

interface Holder {
  node: { id: string; name: string };
  key: string;
  begin(): () => void;
  contested(sentence: string): void;
  end: (() => void) | null;
}

/** The deployed board nodes of each platform, by node id: of several with one key always the same one has it. */
const holders = new WeakMap<Platform, Holder[]>();

/**
 * Begins a board, unless another node of the community has its key: then that goes on, and this one begins when the
 * other is gone.
 * @param begin returns what ends the board
 * @param contested told who has the key; empty: nobody else any more
 * @returns what ends it
 */
export function beginBoard(platform: Platform, community: string, holder: Omit<Holder, 'end'>): () => void {
  const all = holders.get(platform) ?? [];
  holders.set(platform, all);
  const one: Holder = { ...holder, key: `${community}/${holder.key}`, end: null };
  all.push(one);
  all.sort((a, b) => (a.node.id < b.node.id ? -1 : 1));
  settle(all, one.key);
  return () => {
    all.splice(all.indexOf(one), 1);
    one.end?.();
    settle(all, one.key);
  };
}

function settle(all: Holder[], key: string): void {
  const [first, ...others] = all.filter((holder) => holder.key === key);
  for (const other of others) {
    other.end?.();
    other.end = null;
    const named = key.slice(key.indexOf('/') + 1);
    other.contested(
      `${first?.node.name} has the key “${named}” already, so this board is not kept. Give one of the two another key, or delete it, and deploy.`,
    );
  }
  if (!first || first.end) return;
  first.contested('');
  first.end = first.begin();
}
