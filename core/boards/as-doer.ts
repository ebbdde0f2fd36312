import type { Database } from '../../platform/database/index.ts';
import type { Refusal } from '../../platform/fault.ts';
import type { Platform } from '../../platform/start.ts';
import { auditActorOf, type Doer, refuseUnlessMay } from './doers.ts';
import { boardsOf } from './live.ts';
import { markPlayer, putPlayer, type SavedPlayer } from './players.ts';
import { recordScores, type Scored } from './score-events.ts';
import type { Settled } from './settling.ts';

interface Deed {
  community: string;
  doer: Doer;
  source: string;
}
type Context = { database: Database };

/** `recordScores`, for who may. */
export async function recordScoresAs(
  context: Context,
  { community, doer, source, events }: Deed & { events: unknown },
): Promise<Scored | { refusal: Refusal }> {
  const refused = await refuseUnlessMay(context.database, community, doer, 'record');
  return refused ?? recordScores(context, community, events, source);
}

/** `putPlayer`, for who may. */
export async function putPlayerAs(
  context: Context,
  { community, doer, id, profile }: Omit<Deed, 'source'> & { id: unknown; profile: unknown },
): Promise<SavedPlayer | { refusal: Refusal }> {
  const refused = await refuseUnlessMay(context.database, community, doer, 'save');
  return refused ?? putPlayer(context, community, id, profile);
}

/** `markPlayer`, for who may: everybody hides and shows themselves. */
export async function markPlayerAs(
  context: Context,
  { community, doer, source, player, mark }: Deed & Pick<Parameters<typeof markPlayer>[1], 'player' | 'mark'>,
): ReturnType<typeof markPlayer> {
  const isOwn = 'hidden' in mark && doer.kind === 'person' && doer.player === player;
  const right = 'hidden' in mark ? 'hide' : 'exclude';
  const refused = isOwn ? null : await refuseUnlessMay(context.database, community, doer, right);
  return refused ?? markPlayer(context, { community, player, mark, actor: auditActorOf(doer), source });
}

/** Settles a board now, for who may. */
export async function settleAs(
  platform: Platform,
  { community, doer, board }: Omit<Deed, 'source'> & { board: unknown },
): Promise<Settled | { refusal: Refusal }> {
  const refused = await refuseUnlessMay(platform.database, community, doer, 'settle');
  return refused ?? boardsOf(platform).settle(community, board);
}
