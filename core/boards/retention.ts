import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

/**
 * Takes away what is older than each board keeps: snapshots of ticks, and the history of everybody, of which one a day
 * stays for a year where every hour was kept. How seasons ended stays.
 */
export async function cleanBoards(database: Database): Promise<void> {
  await sql`
    delete from leaderboard_snapshots as snapshot using boards
    where boards.id = board_id and snapshot.tick < boards.tick
      and snapshot_at < now() - (definition ->> 'keepTopDays')::int * interval '1 day'`.execute(database);
  await sql`
    delete from rank_history as history using boards
    where boards.id = board_id
      and taken_at < now() - (definition ->> 'keepHistoryDays')::int * interval '1 day'
      and (taken_at < now() - interval '1 year' or date_trunc('day', taken_at) <> taken_at)`.execute(database);
}
