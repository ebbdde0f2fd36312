import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table players (
      id bigint generated always as identity primary key,
      web_id text unique,
      email text,
      full_name text,
      merged_into bigint references players,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table links (
      discord_id text primary key check (discord_id ~ '^[0-9]{17,20}$'),
      player_id bigint not null unique references players,
      discord_username text not null,
      discord_display_name text not null,
      discord_discriminator text,
      discord_avatar text,
      discord_access_token text,
      discord_refresh_token text,
      discord_linked_at timestamptz not null default now()
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table links, players`.execute(db);
}
