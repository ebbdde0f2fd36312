import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Since when a board's scores are made as they are now: what was settled before is not comparable.
  await sql`alter table boards add column scored_since timestamptz not null default now()`.execute(db);
  await sql`
    update boards set scored_since = coalesce(
      (select max(at) from score_log where kind = 'board' and board_id = boards.id), created_at
    )`.execute(db);
  // A board that has everything began with the first of it.
  await sql`
    update boards set season_began_at = least(season_began_at, (
      select min(at) from score_log where community_id = boards.community_id and kind in ('score', 'set')
    )) where season_after = 0`.execute(db);
  // The history of an hour bore the hour as its time; its first tick with anybody in it tells the true one.
  await sql`
    update rank_history as history set taken_at = first.at
    from (
      select board_id, season, date_trunc('hour', snapshot_at) as hour, min(snapshot_at) as at
      from leaderboard_snapshots where total_players > 0 group by board_id, season, hour
    ) as first
    where history.board_id = first.board_id and history.season = first.season and taken_at = hour
      and not exists (
        select from board_seasons as ended where ended.board_id = history.board_id and ended_at = taken_at
      )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table boards drop column scored_since`.execute(db);
}
