import { type Kysely, sql } from 'kysely';

/** A revoked key gives its name free, so that another one can take its place. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table api_keys (
      id bigint generated always as identity primary key,
      community_id text not null references communities (id),
      name text not null check (length(name) between 1 and 60),
      prefix text not null unique,
      hash bytea not null check (length(hash) = 32),
      scopes text[] not null check (cardinality(scopes) > 0),
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create unique index api_keys_name on api_keys (community_id, name) where revoked_at is null`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table api_keys`.execute(db);
}
