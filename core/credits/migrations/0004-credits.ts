import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table credit_accounts (
      community_id text not null references communities,
      player_id bigint not null references players,
      credit_type text not null check (credit_type in ('ai', 'lead')),
      balance bigint not null default 0 check (balance >= 0),
      credits_updated_at timestamptz not null default now(),
      primary key (community_id, player_id, credit_type)
    )`.execute(db);
  await sql`
    create table credit_requests (
      id bigint generated always as identity primary key,
      community_id text not null references communities,
      player_id bigint not null references players,
      credit_type text not null check (credit_type in ('ai', 'lead')),
      amount bigint not null check (amount > 0),
      reason text check (char_length(reason) <= 500),
      status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'cancelled')),
      requested_via text not null check (requested_via in ('discord', 'web')),
      source_id text not null,
      discord_channel_id text,
      discord_message_id text,
      approved_by_id bigint references players,
      approved_by_policy text,
      approved_at timestamptz,
      approval_note text check (char_length(approval_note) <= 500),
      created_at timestamptz not null default now(),
      unique (community_id, source_id),
      check ((status = 'pending') = (approved_at is null))
    )`.execute(db);
  await sql`create index credit_requests_player on credit_requests (community_id, player_id, id desc)`.execute(db);
  await sql`create index credit_requests_pending on credit_requests (community_id, id) where status = 'pending'`.execute(
    db,
  );
  await sql`
    create table credit_ledger (
      id bigint generated always as identity primary key,
      community_id text not null references communities,
      player_id bigint not null references players,
      credit_type text not null check (credit_type in ('ai', 'lead')),
      amount bigint not null check (amount <> 0),
      request_id bigint unique references credit_requests,
      source_id text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index credit_ledger_account on credit_ledger (community_id, player_id, credit_type)`.execute(db);
  await sql`
    create trigger credit_ledger_append_only before update or delete on credit_ledger
    for each row execute function refuse_change()`.execute(db);
  await sql`
    create trigger credit_ledger_no_truncate before truncate on credit_ledger
    for each statement execute function refuse_change()`.execute(db);
  // The shape in which other programs of the product know a person. Tokens stay out of it.
  await sql`
    create view users as
    select
      players.id, players.web_id, players.email,
      coalesce(players.full_name, links.discord_display_name) as full_name,
      links.discord_id, links.discord_username, links.discord_discriminator, links.discord_avatar,
      links.discord_linked_at,
      coalesce(sum(balance) filter (where credit_type = 'ai'), 0)::bigint as credits_ai,
      coalesce(sum(balance) filter (where credit_type = 'lead'), 0)::bigint as credits_lead,
      max(credits_updated_at) as credits_updated_at
    from players
    left join links on links.player_id = players.id
    left join credit_accounts on credit_accounts.player_id = players.id
    where players.merged_into is null
    group by players.id, links.discord_id`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop view users`.execute(db);
  await sql`drop table credit_ledger, credit_requests, credit_accounts`.execute(db);
}
