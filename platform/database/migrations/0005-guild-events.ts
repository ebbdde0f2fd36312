import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table guild_members (
      community_id text not null references communities,
      discord_id text not null,
      roles jsonb not null,
      joined_at text not null,
      version bigint not null default 1,
      primary key (community_id, discord_id)
    )`.execute(db);
  await sql`
    create table guild_events (
      community_id text not null references communities,
      key text not null,
      received_at timestamptz not null default now(),
      primary key (community_id, key)
    )`.execute(db);
  await sql`create index guild_events_received_at on guild_events (received_at)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table guild_events, guild_members`.execute(db);
}
