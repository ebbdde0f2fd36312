import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { type Board, boardsIn } from './boards.ts';
import { CHUNK } from './packed-ranks.ts';
import { replayAll } from './store-board.ts';
import { boardTables } from './tables.ts';

/** What is not as the log says. */
export interface BoardDifference {
  community: string;
  board: string;
  player: number;
  /** `reached`: the log row that made the score, by which equal ones stand in order. */
  what: 'score' | 'reached' | 'rank';
  is: number | null;
  shouldBe: number | null;
}

export interface VerifiedBoards {
  boards: number;
  scores: number;
  ranks: number;
  differences: BoardDifference[];
}

/**
 * Makes every score anew from the log, and every rank of the last tick anew by PostgreSQL's `rank()`, and says what
 * differs. Beside a running program it sees one moment.
 */
export async function verifyBoards(database: Database): Promise<VerifiedBoards> {
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const verified: VerifiedBoards = { boards: 0, scores: 0, ranks: 0, differences: [] };
      const { rows } = await sql<{ id: string }>`select id from communities order by id`.execute(tx);
      for (const { id } of rows) {
        for (const board of await boardsIn(tx, id)) {
          verified.boards += 1;
          await verifyScores(tx, board, verified);
          await verifyRanks(tx, board, verified);
        }
      }
      return verified;
    });
}

async function verifyScores(tx: Database, board: Board, verified: VerifiedBoards): Promise<void> {
  for await (const standings of replayAll(tx, board)) {
    const held = await boardTables(tx)
      .selectFrom('board_scores')
      .select(['player_id', 'score', 'reached'])
      .where('board_id', '=', board.id)
      .where('season', '=', board.season)
      .where('player_id', '=', sql<number>`any(${[...standings.keys()]}::bigint[])`)
      .execute();
    const heldOf = new Map(held.map((row) => [row.player_id, row]));
    for (const [player, { standing }] of standings) {
      const { score, reached } = standing;
      const is = heldOf.get(player);
      if (score !== null) verified.scores += 1;
      const note = (what: 'score' | 'reached', held: number | null, shouldBe: number | null) => {
        if (held !== shouldBe) verified.differences.push(difference(board, player, what, held, shouldBe));
      };
      note('score', is?.score ?? null, score);
      if (score !== null && is?.score === score) note('reached', is.reached, reached);
    }
  }
  for (const { player, score } of await withoutLog(tx, board)) {
    verified.differences.push(difference(board, player, 'score', score, null));
  }
}

/** Who has a score and nothing in the log. */
async function withoutLog(tx: Database, board: Board): Promise<{ player: number; score: number }[]> {
  const { rows } = await sql<{ player: number; score: number }>`
    select player_id as player, score from board_scores as held
    where board_id = ${board.id} and season = ${board.season} and score is not null and not exists (
      select from score_log as log
      where log.community_id = ${board.community} and log.player_id = held.player_id
        and kind in ('score', 'set', 'undo')
    )`.execute(tx);
  return rows;
}

async function verifyRanks(tx: Database, board: Board, verified: VerifiedBoards): Promise<void> {
  const best = sql.lit(board.definition.best);
  // Materialized, or the sort would carry a packed row along for each player.
  const { rows } = await sql<{ player: number | null; held: number; should_be: number; count: number }>`
    with settled as materialized (
      select player_id as player, rank_at(settled.ranks, slot) as held, score_at(settled.scores, slot) as score
      from board_scores as score
      join settled_ranks as settled on settled.board_id = score.board_id and chunk = slot / ${CHUNK}
      where score.board_id = ${board.id} and rank_at(settled.ranks, slot) > 0
        and ${isSettledByItsRules(board.id)}
    ), ranked as (
      select player, held, rank() over (order by case when ${best} = 'highest' then -score else score end)::int
        as should_be
      from settled
    )
    select wrong.*, counted.count
    from (select count(*) from settled) as counted left join ranked as wrong on held <> should_be`.execute(tx);
  verified.ranks += rows[0]?.count ?? 0;
  for (const { player, held, should_be } of rows) {
    if (player !== null) verified.differences.push(difference(board, player, 'rank', held, should_be));
  }
}

/** False from a change of a board's rules to its next tick: until then its ranks are by the rules before. */
export const isSettledByItsRules = (board: number) => sql<boolean>`(
  select settled_seq >= coalesce((select max(seq) from score_log where kind = 'board' and board_id = boards.id), 0)
  from boards where id = ${board})`;

const difference = (
  { community, key }: Board,
  player: number,
  what: BoardDifference['what'],
  is: number | null,
  shouldBe: number | null,
): BoardDifference => ({ community, board: key, player, what, is, shouldBe });
