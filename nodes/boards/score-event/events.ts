import type { Message } from '../../kit/index.ts';

interface Named {
  /** What began the flow, and the node: the id of an event that has none. */
  source: string;
  /** Who acts: the player of an event that names none; null: nobody in person. */
  player: number | null;
  /** The player that a value names. */
  meant(player: unknown): Promise<number | string | null>;
}

/**
 * The score events of a message: a list as it came, or the one that its payload is. That one may leave out whose it is,
 * and its id: it then counts once however often what began the flow comes again.
 * @param given what the setting names
 */
export async function eventsOf(given: unknown, msg: Message, { source, player, meant }: Named): Promise<unknown> {
  const one = given === undefined ? msg.payload : given;
  if (!isRecord(one) || (player === null && !('player' in one))) return given;
  return [{ id: source, ...one, player: (await meant(one.player)) ?? player }];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
