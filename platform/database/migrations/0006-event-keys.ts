import { type Kysely, sql } from 'kysely';

/** An event's job names it by a key that is known before it is written: both are one statement. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table events add column key uuid not null unique default gen_random_uuid()`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table events drop column key`.execute(db);
}
