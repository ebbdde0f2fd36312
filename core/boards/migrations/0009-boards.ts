import { type Kysely, type RawBuilder, sql } from 'kysely';

/** So many slots lie in one row of `settled_ranks`: that fills a page of 8 kB with 16 bytes a player. */
const CHUNK = 500;

/** The view of people, with more columns from more tables. */
async function createUsers(
  db: Kysely<unknown>,
  columns: RawBuilder<unknown>,
  joins: RawBuilder<unknown>,
): Promise<void> {
  await sql`drop view users`.execute(db);
  await sql`
    create view users as
    select
      players.id, profiles.community_id, profiles.web_id, profiles.email,
      coalesce(profiles.full_name, links.discord_display_name) as full_name,
      links.discord_id, links.discord_username, links.discord_discriminator, links.discord_avatar,
      links.discord_linked_at,
      coalesce(ai.balance, 0) as credits_ai, coalesce(lead.balance, 0) as credits_lead,
      greatest(ai.credits_updated_at, lead.credits_updated_at) as credits_updated_at${columns}
    from profiles
    join players on players.id = profiles.player_id and players.merged_into is null
    left join links on links.player_id = players.id
    left join credit_accounts as ai on ai.community_id = profiles.community_id
      and ai.player_id = profiles.player_id and ai.credit_type = 'ai'
    left join credit_accounts as lead on lead.community_id = profiles.community_id
      and lead.player_id = profiles.player_id and lead.credit_type = 'lead'${joins}`.execute(db);
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table boards (
      id int generated always as identity primary key,
      community_id text not null references communities,
      key text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
      definition jsonb not null,
      slots int not null default 0,
      season int not null default 1,
      season_after bigint not null default 0,
      season_began_at timestamptz not null default now(),
      resets_at timestamptz,
      tick bigint not null default 0,
      settled_at timestamptz,
      settle_asked boolean not null default false,
      settled_seq bigint not null default 0,
      closed_at timestamptz,
      created_at timestamptz not null default now(),
      unique (community_id, key)
    )`.execute(db);
  // No rank and no index on the score: ranks are what each instance computes, and what a tick settles.
  await sql`
    create table board_scores (
      board_id int not null references boards,
      player_id bigint not null references players,
      slot int not null,
      season int not null,
      metrics float8[] not null,
      score float8,
      reached bigint not null,
      leaderboard_updated_at timestamptz not null default now(),
      primary key (board_id, player_id),
      unique (board_id, slot)
    ) with (fillfactor = 85)`.execute(db);
  await sql`
    create table score_log (
      seq bigint generated always as identity primary key,
      community_id text not null,
      kind text not null check (kind in ('score', 'set', 'undo', 'player', 'board')),
      event_id text check (char_length(event_id) between 1 and 100),
      player_id bigint,
      board_id int,
      metrics jsonb,
      undoes bigint,
      source_id text,
      at timestamptz not null default now()
    )`.execute(db);
  await sql`create unique index score_log_event on score_log (community_id, event_id) where event_id is not null`.execute(
    db,
  );
  await sql`create unique index score_log_undoes on score_log (undoes) where undoes is not null`.execute(db);
  await sql`
    create index score_log_player on score_log (community_id, player_id, seq)
    where kind in ('score', 'set', 'undo')`.execute(db);
  await sql`
    create trigger score_log_append_only before update or delete on score_log
    for each row execute function refuse_change()`.execute(db);
  await sql`
    create trigger score_log_no_truncate before truncate on score_log
    for each statement execute function refuse_change()`.execute(db);
  await sql`
    create table score_corrections (
      seq bigint primary key references score_log,
      reason text check (char_length(reason) <= 500),
      actor jsonb not null
    )`.execute(db);
  await sql`
    create table settled_ranks (
      board_id int not null references boards,
      chunk int not null,
      ranks bytea not null,
      previous bytea not null default decode(repeat('00000000', ${sql.lit(CHUNK)}), 'hex'),
      scores bytea not null,
      primary key (board_id, chunk)
    ) with (toast_tuple_target = 8160)`.execute(db);
  for (const column of ['ranks', 'previous', 'scores']) {
    await sql`alter table settled_ranks alter column ${sql.ref(column)} set storage external`.execute(db);
  }
  await sql`
    create table rank_history (
      board_id int not null references boards,
      taken_at timestamptz not null,
      chunk int not null,
      season int not null,
      ranks bytea not null,
      scores bytea not null,
      primary key (board_id, taken_at, chunk)
    )`.execute(db);
  await sql`
    create table leaderboard_snapshots (
      board_id int not null references boards,
      tick bigint not null,
      community_id text not null,
      season int not null,
      snapshot_at timestamptz not null,
      top_100 jsonb not null,
      total_players int not null,
      generated_at timestamptz not null,
      generation_duration_ms float8 not null,
      score_seq bigint not null,
      primary key (board_id, tick)
    )`.execute(db);
  await sql`create index leaderboard_snapshots_at on leaderboard_snapshots (board_id, snapshot_at)`.execute(db);
  await sql`
    create table board_seasons (
      board_id int not null references boards,
      season int not null,
      began_at timestamptz not null,
      ended_at timestamptz not null,
      top_100 jsonb not null,
      total_players int not null,
      primary key (board_id, season)
    )`.execute(db);
  // Ranks take 4 bytes each, scores 8 in ten-thousandths.
  await sql`
    create function rank_at(ranks bytea, slot int) returns int language sql immutable strict parallel safe
    return ('x' || encode(substring(ranks from slot % ${sql.lit(CHUNK)} * 4 + 1 for 4), 'hex'))::bit(32)::int`.execute(
    db,
  );
  await sql`
    create function score_at(scores bytea, slot int) returns float8 language sql immutable strict parallel safe
    return ('x' || encode(substring(scores from slot % ${sql.lit(CHUNK)} * 8 + 1 for 8), 'hex'))::bit(64)::bigint
      / 10000::float8`.execute(db);
  // What the last tick settled, for whoever reads it in SQL; metrics are those of this moment.
  await sql`
    create view leaderboard as
    select
      boards.community_id, boards.key as board, score.player_id,
      score_at(settled.scores, score.slot) as leaderboard_score,
      rank_at(settled.ranks, score.slot) as leaderboard_rank,
      nullif(rank_at(settled.previous, score.slot), 0) as leaderboard_rank_previous,
      boards.settled_at as leaderboard_updated_at,
      score.metrics[array_position(metric.names, 'deals_closed')] as deals_closed,
      score.metrics[array_position(metric.names, 'leads_generated')] as leads_generated,
      score.metrics[array_position(metric.names, 'campaigns_launched')] as campaigns_launched,
      score.metrics[array_position(metric.names, 'response_rate')] as response_rate
    from boards
    cross join lateral (
      select array(
        select one ->> 'name' from jsonb_array_elements(definition -> 'metrics') with ordinality as given (one, place)
        order by place
      ) as names
    ) as metric
    join board_scores as score on score.board_id = boards.id and score.season = boards.season
    join settled_ranks as settled on settled.board_id = boards.id and settled.chunk = score.slot / ${sql.lit(CHUNK)}
    where boards.closed_at is null and rank_at(settled.ranks, score.slot) > 0`.execute(db);
  await createUsers(
    db,
    sql`,
      board.leaderboard_score, board.leaderboard_rank, board.leaderboard_rank_previous, board.leaderboard_updated_at,
      board.deals_closed, board.leads_generated, board.campaigns_launched, board.response_rate`,
    sql`
    left join (
      select distinct on (community_id) community_id, key from boards where closed_at is null
      order by community_id, (definition ->> 'position')::int, id
    ) as first_board on first_board.community_id = profiles.community_id
    left join leaderboard as board on board.community_id = profiles.community_id
      and board.player_id = profiles.player_id and board.board = first_board.key`,
  );
  await sql`
    create view leaderboard_history as
    select
      snapshot.community_id, boards.key as board, (entry ->> 'player')::bigint as player_id,
      snapshot.snapshot_at, (entry ->> 'rank')::int as rank, (entry ->> 'score')::float8 as score,
      (entry -> 'metrics' ->> 'deals_closed')::float8 as deals_closed,
      (entry -> 'metrics' ->> 'leads_generated')::float8 as leads_generated,
      (entry -> 'metrics' ->> 'campaigns_launched')::float8 as campaigns_launched,
      (entry -> 'metrics' ->> 'response_rate')::float8 as response_rate,
      entry -> 'metrics' as metrics
    from leaderboard_snapshots as snapshot
    join boards on boards.id = snapshot.board_id
    cross join jsonb_array_elements(snapshot.top_100) as entry`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await createUsers(db, sql``, sql``);
  await sql`drop view leaderboard_history, leaderboard`.execute(db);
  await sql`
    drop table board_seasons, leaderboard_snapshots, rank_history, settled_ranks, score_corrections, score_log,
      board_scores, boards`.execute(db);
  await sql`drop function rank_at, score_at`.execute(db);
}
