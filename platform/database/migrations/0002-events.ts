import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only: write a correcting row instead', tg_table_name using errcode = 'insufficient_privilege';
    end $$`.execute(db);
  await sql`
    create table events (
      id bigint generated always as identity primary key,
      community_id text not null references communities,
      type text not null,
      subject text not null,
      payload jsonb not null,
      occurred_at timestamptz not null default now(),
      handled_at timestamptz
    )`.execute(db);
  await sql`create index events_unhandled on events (id) where handled_at is null`.execute(db);
  await sql`
    create table effects (
      community_id text not null references communities,
      source_id text not null,
      node_id text not null,
      target text not null,
      part text not null,
      state text not null default 'begun' check (state in ('begun', 'done')),
      result jsonb,
      begun_at timestamptz not null default now(),
      settled_at timestamptz,
      primary key (community_id, source_id, node_id, target, part)
    )`.execute(db);
  await sql`
    create table interactions (
      id text primary key,
      community_id text not null references communities,
      token_cipher text not null,
      state text not null default 'received' check (state in ('received', 'deferred', 'answered')),
      received_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index interactions_received_at on interactions (received_at)`.execute(db);
  await sql`
    create table audit_log (
      id bigint generated always as identity primary key,
      community_id text not null references communities,
      at timestamptz not null default now(),
      actor jsonb not null,
      action text not null,
      subject text not null,
      before jsonb,
      after jsonb,
      source_id text not null
    )`.execute(db);
  await sql`create index audit_log_subject on audit_log (community_id, subject)`.execute(db);
  await appendOnly(db, 'audit_log');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table audit_log, interactions, effects, events`.execute(db);
  await sql`drop function refuse_change`.execute(db);
}

/** The database itself refuses to change or remove the rows of a log. */
async function appendOnly(db: Kysely<unknown>, table: string): Promise<void> {
  await sql`
    create trigger ${sql.ref(`${table}_append_only`)} before update or delete on ${sql.table(table)}
    for each row execute function refuse_change()`.execute(db);
  await sql`
    create trigger ${sql.ref(`${table}_no_truncate`)} before truncate on ${sql.table(table)}
    for each statement execute function refuse_change()`.execute(db);
}
