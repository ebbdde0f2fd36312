import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

/**
 * Takes away what is older than each board keeps: snapshots of ticks, and the history of everybody, of which the first of
 * each day stays for a year where every hour was kept. How seasons ended stays.
 */
export async function cleanBoards(database: Database): Promise<void> {
  await sql`
    delete from leaderboard_snapshots as snapshot using boards
    where boards.id = board_id and snapshot.tick < boards.tick
      and snapshot_at < now() - (definition ->> 'keepTopDays')::int * interval '1 day'`.execute(database);
  // Where nothing changes nothing is settled, so the first of a day may come at any hour.
  await sql`
    with moment as (
      select board_id, taken_at,
        row_number() over (partition by board_id, season, date_trunc('day', taken_at) order by taken_at) > 1 as is_later
      from rank_history where chunk = 0
    )
    delete from rank_history as history using moment join boards on boards.id = moment.board_id
    where history.board_id = moment.board_id and history.taken_at = moment.taken_at
      and moment.taken_at < now() - (definition ->> 'keepHistoryDays')::int * interval '1 day'
      and (is_later or moment.taken_at < now() - interval '1 year')
      and not exists (
        select from board_seasons as ended where ended.board_id = moment.board_id and ended_at = moment.taken_at
      )`.execute(database);
}
