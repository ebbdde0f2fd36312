import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { scoresAreImported } from './locks.ts';

/** A row of the log, so far as an instance needs it to know what to read again. */
export interface LogRow {
  seq: number;
  kind: 'score' | 'set' | 'undo' | 'player' | 'board';
  community: string;
  player: number | null;
  board: number | null;
}

/**
 * Numbers that were given and whose rows were not there yet. They come when their transaction commits; once every
 * transaction that had begun to write when the gap was seen is over, they never will. These have ids below `until`, an
 * id that was given afterwards; null: none was asked for yet. What a snapshot says of the newest id is not enough: it
 * knows of the newest that is over, while older rows may belong to one with a higher id that is not.
 */
interface Gap {
  from: number;
  to: number;
  until: number | null;
}

/** So many rows are read together; where as many come, there may be more. */
export const MOST_ROWS = 20_000;
/** A transaction that was open when reading began gave its numbers among the last so many. */
const LOOK_BACK = 200_000;
/** The same where it is an import. */
const LOOK_BACK_IMPORT = 5_000_000;

/**
 * Follows the log by its numbers. They are given before their transaction commits, so a lower one may come later, and one
 * of a transaction that was rolled back never: both leave gaps. Each row is read once.
 */
export class LogReader {
  #high: number;
  #gaps: Gap[];

  private constructor(high: number, gaps: Gap[]) {
    this.#high = high;
    this.#gaps = gaps;
  }

  /** The newest row that was read; some before it may be missing yet. */
  get high(): number {
    return this.#high;
  }

  /** How many numbers are missing. */
  get missing(): number {
    return this.#gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }

  /** Begins behind what is committed now: what is read afterwards in the database knows all that this one passes over. */
  static async begin(database: Database): Promise<LogReader> {
    // Asked first: what was imported by the time of the next question is to be seen there.
    const lookBack = (await scoresAreImported(database)) ? LOOK_BACK_IMPORT : LOOK_BACK;
    const { rows } = await sql<{ top: number; before: number | null; seq: number }>`
      with top as (select coalesce(max(seq), 0) as seq from score_log),
      recent as (
        select log.seq, lag(log.seq, 1, greatest(top.seq - ${lookBack}, 0)) over (order by log.seq) as before
        from top join score_log as log on log.seq > top.seq - ${lookBack}
      )
      select top.seq as top, before, recent.seq
      from top left join recent on recent.seq > before + 1
      order by recent.seq`.execute(database);
    const gaps = rows.flatMap(({ before, seq }): Gap[] =>
      before === null ? [] : [{ from: before + 1, to: seq - 1, until: null }],
    );
    return new LogReader(rows[0]?.top ?? 0, gaps);
  }

  /** @returns the rows that have come since, by their number */
  async read(database: Database): Promise<LogRow[]> {
    const unmarked = this.#gaps.filter(({ until }) => until === null);
    const { rows } = await sql<LogRow & { xmin: number; next: number | null; seq: number | null }>`
      with new_rows as (
        (select seq, kind, community_id, player_id, board_id from score_log
        where seq > ${this.#high} order by seq limit ${MOST_ROWS})
        union all
        (select late.* from unnest(
          ${this.#gaps.map(({ from }) => from)}::bigint[], ${this.#gaps.map(({ to }) => to)}::bigint[]
        ) as gap (first, last) cross join lateral (
          select seq, kind, community_id, player_id, board_id from score_log
          where seq between first and last order by seq limit ${MOST_ROWS}
        ) as late limit ${MOST_ROWS})
      )
      select seq, kind, community_id as community, player_id as player, board_id as board, xmin, next
      from (
        select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin,
          case when ${unmarked.length > 0}::boolean then pg_current_xact_id()::text::bigint end as next
      ) as moment left join new_rows on true
      order by seq`.execute(database);
    const { xmin = 0, next = null } = rows[0] ?? {};
    for (const gap of unmarked) gap.until = next;
    const found = rows.filter(({ seq }) => seq !== null);
    const known = this.#high;
    const late = found.filter(({ seq }) => seq <= known).map(({ seq }) => seq);
    this.#fill(late);
    // Where there may be more, nothing is over yet.
    if (late.length < MOST_ROWS) this.#gaps = this.#gaps.filter(({ until }) => until === null || until > xmin);
    for (const { seq } of found) this.#advance(seq);
    return found.map(({ seq, kind, community, player, board }) => ({ seq, kind, community, player, board }));
  }

  #advance(seq: number): void {
    if (seq > this.#high + 1) this.#gaps.push({ from: this.#high + 1, to: seq - 1, until: null });
    this.#high = Math.max(this.#high, seq);
  }

  /** Two large batches at once leave as many gaps as one of them has rows: all are gone through once. */
  #fill(late: readonly number[]): void {
    let next = 0;
    this.#gaps = this.#gaps.flatMap((gap) => {
      const left: Gap[] = [];
      let { from } = gap;
      for (; next < late.length && (late[next] as number) <= gap.to; next += 1) {
        const seq = late[next] as number;
        if (seq > from) left.push({ ...gap, from, to: seq - 1 });
        from = seq + 1;
      }
      if (from <= gap.to) left.push({ ...gap, from });
      return left;
    });
  }
}
