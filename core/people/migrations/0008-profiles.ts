import { type Kysely, sql } from 'kysely';

/** The columns that do not depend on where a person's names and balances lie. */
const USERS_OF_LINKS = sql`
  links.discord_id, links.discord_username, links.discord_discriminator, links.discord_avatar, links.discord_linked_at`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop view users`.execute(db);
  // What a person is in one community: two web apps may call two people by the same id.
  await sql`
    create table profiles (
      community_id text not null references communities,
      player_id bigint not null references players,
      web_id text check (char_length(web_id) between 1 and 100),
      full_name text check (char_length(full_name) <= 100),
      email text check (char_length(email) <= 254),
      region text check (char_length(region) between 1 and 60),
      company text check (char_length(company) between 1 and 60),
      hidden_at timestamptz,
      excluded_at timestamptz,
      exclusion_reason text,
      forgotten_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (community_id, player_id),
      unique (community_id, web_id)
    ) with (fillfactor = 90)`.execute(db);
  await sql`create index profiles_player on profiles (player_id)`.execute(db);
  await sql`
    insert into profiles (community_id, player_id)
    select distinct community_id, player_id from (
      select community_id, player_id from credit_accounts
      union select community_id, player_id from credit_requests
    ) as known`.execute(db);
  await sql`alter table players drop column web_id, drop column email, drop column full_name`.execute(db);
  await sql`
    create view users as
    select
      players.id, profiles.community_id, profiles.web_id, profiles.email,
      coalesce(profiles.full_name, links.discord_display_name) as full_name,
      ${USERS_OF_LINKS},
      coalesce(ai.balance, 0) as credits_ai, coalesce(lead.balance, 0) as credits_lead,
      greatest(ai.credits_updated_at, lead.credits_updated_at) as credits_updated_at
    from profiles
    join players on players.id = profiles.player_id and players.merged_into is null
    left join links on links.player_id = players.id
    left join credit_accounts as ai on ai.community_id = profiles.community_id
      and ai.player_id = profiles.player_id and ai.credit_type = 'ai'
    left join credit_accounts as lead on lead.community_id = profiles.community_id
      and lead.player_id = profiles.player_id and lead.credit_type = 'lead'`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop view users`.execute(db);
  await sql`alter table players add column web_id text unique, add column email text, add column full_name text`.execute(
    db,
  );
  await sql`
    update players set web_id = one.web_id, email = one.email, full_name = one.full_name
    from (select distinct on (web_id) * from profiles order by web_id, community_id) as one
    where players.id = one.player_id`.execute(db);
  await sql`drop table profiles`.execute(db);
  await sql`
    create view users as
    select
      players.id, players.web_id, players.email,
      coalesce(players.full_name, links.discord_display_name) as full_name,
      ${USERS_OF_LINKS},
      coalesce(sum(balance) filter (where credit_type = 'ai'), 0)::bigint as credits_ai,
      coalesce(sum(balance) filter (where credit_type = 'lead'), 0)::bigint as credits_lead,
      max(credits_updated_at) as credits_updated_at
    from players
    left join links on links.player_id = players.id
    left join credit_accounts on credit_accounts.player_id = players.id
    where players.merged_into is null
    group by players.id, links.discord_id`.execute(db);
}
