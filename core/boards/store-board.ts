import { sql } from 'kysely';
import { type Database, inTransaction, type Tx } from '../../platform/database/index.ts';
import type { Board } from './boards.ts';
import type { BoardDefinition } from './definition.ts';
import { HeldStandings } from './held-standings.ts';
import { changeBoards } from './locks.ts';
import { type Deed, replay } from './scoring.ts';
import { boardTables } from './tables.ts';

/** Players whose log is read together. */
const PLAYERS_AT_ONCE = 2000;

/**
 * Keeps what a flow says of a board. Where the way scores are made has changed, or the board is new, every score is made
 * anew from the log, while others wait to write theirs; where it comes back, those of who did something meanwhile.
 * @param next when its scores begin anew, by what it says
 */
export async function storeBoard(
  database: Database,
  community: string,
  definition: BoardDefinition,
  next: Date | null,
): Promise<Board> {
  const held = await findBoard(database, community, definition.key);
  if (held && held.closed_at === null && same(held.definition, definition)) return boardOf(held, community);
  return inTransaction(database, async (tx) => {
    await changeBoards(tx, community);
    const before = await findBoard(tx, community, definition.key);
    const stored = before
      ? await update(tx, community, before, definition, next)
      : await insert(tx, community, definition, next);
    const isAlike = before !== undefined && isScoredAlike(before.definition, definition);
    const isAsItWas = isAlike && before.closed_at === null;
    const board = isAsItWas ? stored : await rescore(tx, stored, isAlike ? await newestNote(tx, stored) : 0);
    await noteBoard(tx, board);
    return board;
  });
}

/** No flow has the board any more: it is kept, and counts nothing until one has it again. */
export async function closeBoard(database: Database, community: string, key: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await changeBoards(tx, community);
    const closed = await boardTables(tx)
      .updateTable('boards')
      .set({ closed_at: sql<Date>`now()` })
      .where('community_id', '=', community)
      .where('key', '=', key)
      .where('closed_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (closed) await noteBoard(tx, { community, id: closed.id });
  });
}

/**
 * Opens a board again that was closed, with what was said of it last: a flow of this instance has it still. One that is
 * open, by then with other rules perhaps, stays as it is.
 * @returns whether it was closed
 */
export async function reopenBoard(database: Database, community: string, key: string): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    await changeBoards(tx, community);
    const row = await boardTables(tx)
      .updateTable('boards')
      .set({ closed_at: null })
      .where('community_id', '=', community)
      .where('key', '=', key)
      .where('closed_at', 'is not', null)
      .returning(COLUMNS)
      .executeTakeFirst();
    if (!row) return false;
    const board = boardOf(row, community);
    await rescore(tx, board, await newestNote(tx, board));
    await noteBoard(tx, board);
    return true;
  });
}

/** The newest log row about a board itself; of a closed one, that of its end. */
async function newestNote(tx: Tx, { id }: Board): Promise<number> {
  const note = await boardTables(tx)
    .selectFrom('score_log')
    .select('seq')
    .where('kind', '=', 'board')
    .where('board_id', '=', id)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return note?.seq ?? 0;
}

/** Every instance reads the board again once this commits. */
export async function noteBoard(tx: Tx, { community, id }: Pick<Board, 'community' | 'id'>): Promise<void> {
  await boardTables(tx)
    .insertInto('score_log')
    .values({ community_id: community, kind: 'board', board_id: id })
    .execute();
}

/** Whether two definitions make the same scores of the same log. */
export const isScoredAlike = (one: BoardDefinition, other: BoardDefinition): boolean =>
  same({ best: one.best, metrics: one.metrics }, { best: other.best, metrics: other.metrics });

/** PostgreSQL keeps an object's keys in an order of its own. */
const same = (one: unknown, other: unknown): boolean => inOrder(one) === inOrder(other);
const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_key, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const COLUMNS = ['id', 'key', 'definition', 'season', 'season_after', 'passed_over', 'closed_at'] as const;

async function findBoard(database: Database, community: string, key: string) {
  return boardTables(database)
    .selectFrom('boards')
    .select(COLUMNS)
    .where('community_id', '=', community)
    .where('key', '=', key)
    .executeTakeFirst();
}

type StoredBoard = NonNullable<Awaited<ReturnType<typeof findBoard>>>;

const boardOf = (
  { id, key, definition, season, season_after, passed_over }: StoredBoard,
  community: string,
): Board => ({
  id,
  community,
  key,
  definition,
  season,
  seasonAfter: season_after,
  passedOver: passed_over,
});

async function insert(tx: Tx, community: string, definition: BoardDefinition, next: Date | null): Promise<Board> {
  const row = await boardTables(tx)
    .insertInto('boards')
    .values({
      community_id: community,
      key: definition.key,
      definition: JSON.stringify(definition),
      resets_at: next,
      // A board that begins anew again and again begins now; one that never does has everything.
      season_after: definition.reset ? sql<number>`(select coalesce(max(seq), 0) from score_log)` : 0,
      ...(!definition.reset && { season_began_at: firstDeedAt(community) }),
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return boardOf(row, community);
}

/** When a community's first deed was done; now, where there is none. */
const firstDeedAt = (community: string) => sql<Date>`coalesce((
  select min(at) from score_log where community_id = ${community} and kind in ('score', 'set')
), now())`;

async function update(
  tx: Tx,
  community: string,
  before: StoredBoard,
  definition: BoardDefinition,
  next: Date | null,
): Promise<Board> {
  const row = await boardTables(tx)
    .updateTable('boards')
    .set({
      definition: JSON.stringify(definition),
      closed_at: null,
      ...(!same(before.definition.reset, definition.reset) && { resets_at: next }),
      // Behind the last tick by the rules before, which may have come since this began.
      ...(!isScoredAlike(before.definition, definition) && { scored_since: sql<Date>`clock_timestamp()` }),
    })
    .where('id', '=', before.id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return boardOf(row, community);
}

/**
 * Makes the scores of a board anew from the log, and counts what cannot count by its rules.
 * @param since only of players with log rows after this one
 */
async function rescore(tx: Tx, board: Board, since = 0): Promise<Board> {
  let passedOver = 0;
  for await (const standings of replayAll(tx, board, since)) {
    const held = await HeldStandings.read(tx, [board], [...standings.keys()]);
    for (const [player, { standing, passedOver: theirs }] of standings) {
      passedOver += theirs;
      // Whoever never did anything that the board counts needs no place on it.
      if (standing.metrics.length > 0 || held.has(board, player)) held.replace(board, player, standing);
    }
    await held.write(tx);
  }
  // Some of these were counted before, and some of the others: only all together say how many there are.
  if (since > 0 && passedOver + board.passedOver > 0) return rescore(tx, board);
  await boardTables(tx).updateTable('boards').set({ passed_over: passedOver }).where('id', '=', board.id).execute();
  return { ...board, passedOver };
}

/**
 * What everybody who is in the log has by it, some thousand players at a time: nothing, where all was taken back.
 * @param since only players with log rows after this one
 */
export async function* replayAll(database: Database, board: Board, since = 0) {
  let last = 0;
  for (;;) {
    const { rows } = await sql<Deed & { player: number; seq: number | null }>`
      with next_players as (
        select distinct player_id from score_log
        where community_id = ${board.community} and kind in ('score', 'set', 'undo') and player_id > ${last}
          and seq > ${since}
        order by player_id limit ${PLAYERS_AT_ONCE}
      )
      select next_players.player_id as player, seq, kind, metrics
      from next_players left join score_log as log on log.player_id = next_players.player_id
        and community_id = ${board.community} and kind in ('score', 'set') and seq > ${board.seasonAfter}
        and (board_id is null or board_id = ${board.id})
        and not exists (select from score_log as undo where undo.undoes = log.seq)
      order by next_players.player_id, seq`.execute(database);
    const newest = rows.at(-1);
    if (!newest) return;
    last = newest.player;
    const theirs = Map.groupBy(rows, ({ player }) => player);
    yield new Map(
      [...theirs].map(([player, all]) => [
        player,
        replay(
          board.definition,
          all.filter(({ seq }) => seq !== null),
        ),
      ]),
    );
  }
}
