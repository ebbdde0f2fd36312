import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import { tierOf } from './definition.ts';
import type { BoardEntry, BoardPage } from './entry.ts';
import { knownPlayers } from './known-players.ts';
import type { LiveBoard } from './live-board.ts';
import { IS_SHOWN } from './load-board.ts';
import { previousRanks } from './previous-ranks.ts';
import { type Filter, isWhole } from './standings.ts';
import { boardTables } from './tables.ts';

const MOST_ENTRIES = 100;
const USUAL_ENTRIES = 10;

/** What is asked of a board, as it came: checked here. */
export interface PageAsking {
  limit?: unknown;
  offset?: unknown;
  region?: unknown;
  company?: unknown;
  around?: unknown;
}

export interface ReadAsking {
  limit: number;
  offset: number | null;
  filter: Filter;
  around: string | number | null;
}

/** Reads what a command or an address asks for; a parameter that comes twice, or is none, is refused. */
export function readAsking(asking: PageAsking): ReadAsking | { refusal: Refusal } {
  const bad = (detail: string) => refusal('invalid-parameter', 400, 'Not a possible question', detail);
  const limit = wholeNumber(asking.limit);
  if (limit === false || (limit !== null && (limit < 1 || limit > MOST_ENTRIES)))
    return bad(`limit is a whole number from 1 to ${MOST_ENTRIES}, given once.`);
  const offset = wholeNumber(asking.offset);
  if (offset === false || (offset !== null && offset < 0))
    return bad('offset is a whole number, 0 or more, given once.');
  const filter: Filter = {};
  for (const name of ['region', 'company'] as const) {
    const value = asking[name];
    if (isLeftOut(value)) continue;
    if (typeof value !== 'string') return bad(`${name} is a name, given once.`);
    filter[name] = value;
  }
  const { around } = asking;
  if (!isLeftOut(around) && typeof around !== 'string' && typeof around !== 'number')
    return bad('around is a player’s id, given once.');
  if (!isLeftOut(around) && offset !== null) return bad('Ask for a page by offset or around a player, not by both.');
  return {
    limit: limit ?? USUAL_ENTRIES,
    offset,
    filter,
    around: isLeftOut(around) ? null : (around as string | number),
  };
}

const isLeftOut = (value: unknown): boolean => value === undefined || value === null || value === '';

/** @returns null where there is none; false where it is no whole number */
function wholeNumber(value: unknown): number | null | false {
  if (isLeftOut(value)) return null;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : false;
}

/** A part of a board as it is now, or around one of its slots. */
export async function livePage(
  database: Database,
  live: LiveBoard,
  { limit, offset, filter }: ReadAsking,
  around: number | null,
): Promise<BoardPage> {
  const standings = live.loaded?.standings;
  if (!standings) return settledPage(database, live, { limit, offset, filter }, around !== null);
  const total = standings.total(filter);
  const place = around === null ? -1 : standings.position(around, filter);
  const middle = Math.max(0, Math.min(place - Math.floor((limit - 1) / 2), total - limit));
  const first = offset ?? (around === null ? 0 : middle);
  const rows = around !== null && place < 0 ? [] : standings.page(first, limit, filter);
  return {
    board: live.board.key,
    total_players: total,
    offset: first,
    generated_at: live.changedAt.toISOString(),
    entries: await entriesOf(database, live, rows, filter),
  };
}

/** Entries for slots with their ranks within a filter. */
export async function entriesOf(
  database: Database,
  live: LiveBoard,
  rows: readonly { slot: number; rank: number }[],
  filter: Filter = {},
): Promise<BoardEntry[]> {
  const { loaded } = live;
  if (!loaded || rows.length === 0) return [];
  const { standings, players } = loaded;
  const previous = previousRanks(
    live,
    rows.map(({ slot }) => slot),
    filter,
  );
  // All of one moment: while names are looked up the board goes on.
  const entries = rows.map(({ slot, rank }, at) => {
    const previous_rank = previous[at] ?? null;
    return {
      rank,
      previous_rank,
      delta: previous_rank === null ? 0 : previous_rank - rank,
      score: standings.score(slot),
      tier: tierOf(live.board.definition.tiers, isWhole(filter) ? rank : standings.rank(slot)),
      player: players[slot] ?? 0,
    };
  });
  const known = await live.keptPlayers.known(
    database,
    live.board.community,
    entries.map(({ player }) => player),
  );
  return entries.map((entry) => ({ ...entry, player: known(entry.player) }));
}

/**
 * What the last tick settled of the best, while the board itself is still read; parts of it are not known then. Who has
 * hidden since is left out.
 */
async function settledPage(
  database: Database,
  live: LiveBoard,
  { limit, offset, filter }: Pick<ReadAsking, 'limit' | 'offset' | 'filter'>,
  isAround: boolean,
): Promise<BoardPage> {
  const { id, community, key, definition, season } = live.board;
  const row = await boardTables(database)
    .selectFrom('leaderboard_snapshots')
    .select(['top_100', 'total_players', 'generated_at'])
    .where('board_id', '=', id)
    .where('season', '=', season)
    .orderBy('tick', 'desc')
    .limit(1)
    .executeTakeFirst();
  const first = offset ?? 0;
  const best = row?.top_100 ?? [];
  const shown = await shownAmong(
    database,
    community,
    best.map(({ player }) => player),
  );
  const isBest = isWhole(filter) && !isAround;
  const top = isBest ? best.filter(({ player }) => shown.has(player)).slice(first, first + limit) : [];
  const known = await knownPlayers(
    database,
    community,
    top.map(({ player }) => player),
  );
  return {
    board: key,
    // Of the others nobody looks who has hidden since: that takes as long as reading the board.
    total_players: isWhole(filter) ? (row?.total_players ?? 0) - best.length + shown.size : 0,
    offset: first,
    generated_at: (row?.generated_at ?? new Date(0)).toISOString(),
    warming: true,
    entries: top.map(({ player, rank, previous, score }) => ({
      rank,
      previous_rank: previous,
      delta: previous === null ? 0 : previous - rank,
      score,
      tier: tierOf(definition.tiers, rank),
      player: known(player),
    })),
  };
}

async function shownAmong(database: Database, community: string, players: number[]): Promise<Set<number>> {
  const { rows } = await sql<{ player: number }>`
    select player_id as player from profiles
    where community_id = ${community} and player_id = any(${players}::bigint[]) and ${IS_SHOWN}`.execute(database);
  return new Set(rows.map(({ player }) => player));
}
