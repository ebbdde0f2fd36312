import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // What was brought from elsewhere is found by its id, and no id is there twice.
  await sql`
    create unique index credit_ledger_opening on credit_ledger (community_id, source_id) where request_id is null`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index credit_ledger_opening`.execute(db);
}
