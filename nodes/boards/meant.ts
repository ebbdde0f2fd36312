import { playerBehind } from '../../core/people/index.ts';
import type { Platform } from '../../platform/start.ts';

/** A member as Discord writes one who is mentioned. */
const MENTION = /^<@!?(\d{17,20})>$/;
/** What no player is called by. */
const NOBODY = 0;

/**
 * The player that a value names: a number of ours, a web app's id, `player:17`, a mention of a member, or the player
 * that a node before found.
 * @returns a number of ours or a web app's id, which may be nobody's; null where nothing is named
 */
export async function meantPlayer(platform: Platform, value: unknown): Promise<number | string | null> {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'number') return value;
  if (typeof value === 'object') return meantPlayer(platform, (value as { id?: unknown }).id ?? NOBODY);
  const text = String(value).trim();
  const [, account] = MENTION.exec(text) ?? [];
  return account === undefined ? text : ((await playerBehind(platform.database, account)) ?? NOBODY);
}

/** The settings by which a node names a board: one of the flow's own, or else what the message says. */
export function meantBoard(
  settings: { board: string },
  values: Record<string, unknown>,
  shared: (config: string) => Readonly<Record<string, unknown>>,
): unknown {
  return settings.board ? shared(settings.board).key : values.boardKey;
}
