import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Refusal } from '../../platform/fault.ts';
import { findPlayerId } from '../people/index.ts';
import type { BoardEntry, BoardPlayer } from './entry.ts';
import { knownPlayers } from './known-players.ts';
import type { LiveBoard } from './live-board.ts';
import { entriesOf } from './pages.ts';
import { noSuchPlayer } from './players.ts';
import type { Best } from './standings.ts';
import { boardTables } from './tables.ts';

/** One player as a board has them. */
export interface PlayerOnBoard {
  board: { key: string; title: string };
  /** Why there is no entry, where there is none. */
  state: 'ranked' | 'hidden' | 'excluded' | 'unranked' | 'warming';
  /** Whether they have ever done something that a board of the community counts. */
  has_played: boolean;
  entry: BoardEntry | null;
  player: BoardPlayer;
  total_players: number;
  score: number | null;
  metrics: { name: string; value: number | null }[];
  /** What is missing to the next better rank. */
  next: { rank: number; points: number } | null;
}

/** The slot of a player on a board, -1 where they have none. */
export async function findSlot(
  database: Database,
  { board }: LiveBoard,
  named: string | number,
): Promise<number | { refusal: Refusal }> {
  const player = await findPlayerId(database, board.community, named);
  if (player === null) return noSuchPlayer(named);
  const row = await boardTables(database)
    .selectFrom('board_scores')
    .select('slot')
    .where('board_id', '=', board.id)
    .where('player_id', '=', player)
    .executeTakeFirst();
  return row?.slot ?? -1;
}

export async function playerOnBoard(
  database: Database,
  live: LiveBoard,
  named: string | number,
): Promise<PlayerOnBoard | { refusal: Refusal }> {
  const { id, key, community, season, definition } = live.board;
  const player = await findPlayerId(database, community, named);
  if (player === null) return noSuchPlayer(named);
  const row = await boardTables(database)
    .selectFrom('profiles')
    .leftJoin('board_scores as held', (join) =>
      join.onRef('held.player_id', '=', 'profiles.player_id').on('board_id', '=', id).on('season', '=', season),
    )
    .select(['slot', 'metrics', 'score'])
    .select(sql<boolean>`hidden_at is not null`.as('isHidden'))
    .select(sql<boolean>`excluded_at is not null`.as('isExcluded'))
    .select(
      sql<boolean>`exists (
        select from boards join board_scores as played on played.board_id = boards.id
        where boards.community_id = ${community} and played.player_id = ${player})`.as('hasPlayed'),
    )
    .where('community_id', '=', community)
    .where('profiles.player_id', '=', player)
    .executeTakeFirstOrThrow();
  const standings = live.loaded?.standings;
  const slot = row.slot ?? -1;
  const rank = standings?.rank(slot) ?? 0;
  const [entry = null] = rank > 0 ? await entriesOf(database, live, [{ slot, rank }]) : [];
  const known = await knownPlayers(database, community, [player]);
  const state = row.isExcluded
    ? 'excluded'
    : row.isHidden
      ? 'hidden'
      : entry
        ? 'ranked'
        : standings
          ? 'unranked'
          : 'warming';
  return {
    board: { key, title: definition.title },
    state,
    has_played: row.hasPlayed,
    entry,
    player: entry?.player ?? known(player),
    total_players: standings?.size ?? 0,
    score: row.score,
    metrics: definition.metrics.map(({ name }, at) => ({ name, value: row.metrics?.[at] ?? null })),
    next: entry && nextRank(live, slot, definition.best),
  };
}

/** The rank above a slot, and how much better its score is. */
function nextRank({ loaded }: LiveBoard, slot: number, best: Best): PlayerOnBoard['next'] {
  const standings = loaded?.standings;
  const rank = standings?.rank(slot) ?? 0;
  if (!standings || rank < 2) return null;
  const [above] = standings.page(rank - 2, 1);
  if (!above) return null;
  const [high, low] = [standings.score(above.slot), standings.score(slot)];
  const points = Math.round((best === 'highest' ? high - low : low - high) * 10_000) / 10_000;
  return { rank: above.rank, points };
}
