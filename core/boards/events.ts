import type { Database } from '../../platform/database/index.ts';
import type { CommunityEvent } from '../../platform/events.ts';
import { namedPlayers } from './known-players.ts';
import type { SettledTick } from './settle.ts';

/** Names the players of a tick as they are called now. */
async function withNames(database: Database, event: CommunityEvent): Promise<Record<string, unknown>> {
  const { champion, tiers, top_100, linked, ...tick } = event.payload as unknown as SettledTick;
  const named = await namedPlayers(database, event.community, [
    ...[...tiers, ...top_100, ...linked].map(({ player }) => player),
    ...(champion ? [champion.player, ...(champion.previous === null ? [] : [champion.previous])] : []),
  ]);
  const withName = <Change extends { player: number }>(change: Change) => ({ ...change, player: named(change.player) });
  return {
    ...tick,
    champion: champion && {
      player: named(champion.player),
      previous: champion.previous === null ? null : named(champion.previous),
    },
    tiers: tiers.map(withName),
    top_100: top_100.map(withName),
    linked: linked.map(withName),
  };
}

/** The events of this area, each with what its messages carry. */
export const boardEvents: Record<string, (database: Database, event: CommunityEvent) => Promise<object>> = {
  'board.settled': withNames,
};
