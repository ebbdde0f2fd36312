import { type Kysely, type RawBuilder, sql } from 'kysely';

/** The view of people; whose Discord account it shows, the condition says. */
async function replaceUsers(db: Kysely<unknown>, isLinked: RawBuilder<unknown>): Promise<void> {
  await sql`
    create or replace view users as
    select
      players.id, profiles.community_id, profiles.web_id, profiles.email,
      coalesce(profiles.full_name, links.discord_display_name) as full_name,
      links.discord_id, links.discord_username, links.discord_discriminator, links.discord_avatar,
      links.discord_linked_at,
      coalesce(ai.balance, 0) as credits_ai, coalesce(lead.balance, 0) as credits_lead,
      greatest(ai.credits_updated_at, lead.credits_updated_at) as credits_updated_at,
      board.leaderboard_score, board.leaderboard_rank, board.leaderboard_rank_previous, board.leaderboard_updated_at,
      board.deals_closed, board.leads_generated, board.campaigns_launched, board.response_rate
    from profiles
    join players on players.id = profiles.player_id and players.merged_into is null
    left join links on links.player_id = players.id and ${isLinked}
    left join credit_accounts as ai on ai.community_id = profiles.community_id
      and ai.player_id = profiles.player_id and ai.credit_type = 'ai'
    left join credit_accounts as lead on lead.community_id = profiles.community_id
      and lead.player_id = profiles.player_id and lead.credit_type = 'lead'
    left join (
      select distinct on (community_id) community_id, key from boards where closed_at is null
      order by community_id, (definition ->> 'position')::int, id
    ) as first_board on first_board.community_id = profiles.community_id
    left join leaderboard as board on board.community_id = profiles.community_id
      and board.player_id = profiles.player_id and board.board = first_board.key`.execute(db);
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await replaceUsers(db, sql`profiles.forgotten_at is null`);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await replaceUsers(db, sql`true`);
}
