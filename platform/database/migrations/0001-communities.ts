import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table installation (
      id integer primary key default 1 check (id = 1),
      kind text not null check (kind in ('demo', 'live')),
      api_base text not null,
      stamped_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table communities (
      id text primary key check (id ~ '^[0-9]{17,20}$'),
      name text not null,
      approver_roles jsonb not null default '[]',
      credits_per_request bigint not null default 100 check (credits_per_request > 0),
      credits_per_day bigint not null default 1000 check (credits_per_day > 0),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table communities, installation`.execute(db);
}
