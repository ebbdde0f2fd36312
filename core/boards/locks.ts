import { sql } from 'kysely';
import type { Database, Tx } from '../../platform/database/index.ts';
import { Fault } from '../../platform/fault.ts';

/** What the numbers of advisory locks about boards begin with: "GB". */
const BOARDS = 0x4742;
/** And those about long imports of scores: "GI". */
const IMPORTS = 0x4749;

/**
 * Holds the definitions and seasons of a community's boards still for the rest of the transaction, together with
 * others that write scores.
 */
export async function keepBoardsStill(tx: Tx, community: string): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${BOARDS}, hashtext(${community}))`.execute(tx);
}

/** The same for one long transaction; a second one of the community waits until it ends. */
export async function importScores(tx: Tx, community: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${IMPORTS}, hashtext(${community}))`.execute(tx);
  await keepBoardsStill(tx, community);
}

/**
 * Waits until nobody writes scores in a community, and keeps it so for the rest of the transaction.
 * @throws Fault while scores are imported: whoever waited for that would have all others wait who write scores
 */
export async function changeBoards(tx: Tx, community: string): Promise<void> {
  const { rows } = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock_shared(${IMPORTS}, hashtext(${community})) as free`.execute(tx);
  if (!rows[0]?.free) {
    throw new Fault('import-under-way', 'Scores are being imported. Boards change when that is done.', { retry: true });
  }
  await sql`select pg_advisory_xact_lock(${BOARDS}, hashtext(${community}))`.execute(tx);
}

/** True while scores are imported into any community of the database. */
export async function scoresAreImported(database: Database): Promise<boolean> {
  const { rows } = await sql<{ imported: boolean }>`
    select exists (
      select from pg_locks where locktype = 'advisory' and classid = ${IMPORTS} and mode = 'ExclusiveLock' and granted
        and database = (select oid from pg_database where datname = current_database())
    ) as imported`.execute(database);
  return rows[0]?.imported === true;
}
