import { sql } from 'kysely';
import type { BoardDefinition } from '../../core/boards/index.ts';
import { after, counts, type Deed, nothing, replay, type Standing } from '../../core/boards/scoring.ts';
import type { Database } from '../../platform/database/index.ts';
import { UNPACKED } from './board-oracle.ts';
import { GUILD } from './database.ts';

/**
 * Has PostgreSQL note who publishes each tick, in its transaction: as which leader, and by the name of its connection.
 * Call it before there are instances.
 */
export async function notePublishers(database: Database): Promise<void> {
  await sql`create table publishers (board_id int, tick bigint, epoch bigint, instance text)`.execute(database);
  await sql`
    create function note_publisher() returns trigger language plpgsql as $$
    begin
      insert into publishers
      select new.board_id, new.tick, epoch, current_setting('application_name') from leadership where task = 'boards';
      return null;
    end $$`.execute(database);
  await sql`
    create trigger note_publisher after insert on leaderboard_snapshots
    for each row execute function note_publisher()`.execute(database);
}

/** The newest tick of each board, and which instance published it. */
export async function newestTicks(
  database: Database,
): Promise<{ board: string; tick: number; instance: string; epoch: number }[]> {
  const { rows } = await sql<{ board: string; tick: number; instance: string; epoch: number }>`
    select key as board, tick, instance, epoch from boards join publishers using (tick)
    where board_id = id order by id`.execute(database);
  return rows;
}

/**
 * What is wrong with the ticks that were published, all of them, in words. They follow each other without a gap or a
 * twin, one leader's behind another's; each is right in itself, and goes on from the one before.
 */
export async function tickProblems(database: Database): Promise<string[]> {
  const problems: string[] = [];
  for (const [what, find] of Object.entries(PROBLEMS)) {
    const { rows } = await find.execute(database);
    problems.push(...rows.slice(0, 5).map((row) => `${what}: ${JSON.stringify(row)}`));
  }
  return problems;
}

const SIGN = sql`case when definition ->> 'best' = 'highest' then -1 else 1 end`;

/** Each finds what must not be. */
const PROBLEMS = {
  'a tick is missing': sql`
    select key, boards.tick, count(*), min(snapshot.tick), max(snapshot.tick)
    from boards join leaderboard_snapshots as snapshot on board_id = boards.id
    group by boards.id
    having count(*) <> boards.tick or max(snapshot.tick) <> boards.tick`,
  'a tick was published twice': sql`
    select key, publishers.tick, array_agg(instance) from publishers join boards on boards.id = board_id
    group by key, publishers.tick having count(*) > 1`,
  'an event came twice': sql`
    select subject, payload ->> 'tick' as tick from events where type = 'board.settled'
    group by 1, 2 having count(*) > 1`,
  'a former leader published': sql`
    select * from (
      select key, publishers.tick, epoch, lag(epoch) over (partition by board_id order by publishers.tick) as before
      from publishers join boards on boards.id = board_id
    ) as published where epoch < before`,
  'two led at once': sql`
    select epoch, array_agg(distinct instance) from publishers group by epoch having count(distinct instance) > 1`,
  'a tick knew less than the one before': sql`
    select * from (
      select key, snapshot.tick, score_seq, generated_at,
        lag(score_seq) over ticks as seq_before, lag(generated_at) over ticks as generated_before
      from leaderboard_snapshots as snapshot join boards on boards.id = board_id
      window ticks as (partition by board_id order by snapshot.tick)
    ) as known where score_seq < seq_before or generated_at < generated_before`,
  'a tick’s best are too few': sql`
    select key, snapshot.tick, total_players, jsonb_array_length(top_100) as listed
    from leaderboard_snapshots as snapshot join boards on boards.id = board_id
    where jsonb_array_length(top_100) <> least(total_players, 100)`,
  'a rank among a tick’s best is wrong': sql`
    select * from (
      select key, snapshot.tick, place, entry ->> 'player' as player, (entry ->> 'rank')::int as rank,
        rank() over (partition by board_id, snapshot.tick order by ${SIGN} * (entry ->> 'score')::float8) as expected,
        lag((entry ->> 'rank')::int) over (partition by board_id, snapshot.tick order by place) as above
      from leaderboard_snapshots as snapshot join boards on boards.id = board_id
      cross join jsonb_array_elements(top_100) with ordinality as listed (entry, place)
    ) as listed where rank <> expected or rank < above`,
  'a rank before is not that of the tick before': sql`
    with listed as (
      select board_id, tick, entry ->> 'player' as player, entry ->> 'rank' as rank, entry ->> 'previous' as previous
      from leaderboard_snapshots cross join jsonb_array_elements(top_100) as entry
    )
    select listed.*, before.rank as expected from listed join listed as before
      on before.board_id = listed.board_id and before.tick = listed.tick - 1 and before.player = listed.player
    where listed.previous is distinct from before.rank`,
  'a player is twice among a tick’s best': sql`
    select board_id, tick, entry ->> 'player' as player
    from leaderboard_snapshots cross join jsonb_array_elements(top_100) as entry
    group by 1, 2, 3 having count(*) > 1`,
  'a rank of the last tick is wrong': sql`
    select * from (
      select board, player_id, leaderboard_rank,
        rank() over (partition by board order by ${SIGN} * leaderboard_score) as expected
      from (select * from leaderboard ${UNPACKED}) as unpacked
      join boards on boards.key = board and boards.community_id = unpacked.community_id
    ) as settled where leaderboard_rank <> expected`,
};

/** Who is not settled as they stand now, in words: ask where nothing was written since the last tick was begun. */
export async function unsettled(database: Database): Promise<string[]> {
  const { rows } = await sql`
    with expected as (
      select key as board, score.player_id, score, rank() over (partition by board_id order by ${SIGN} * score)
      from board_scores as score
      join boards on boards.id = board_id and boards.season = score.season
      join profiles on profiles.community_id = boards.community_id and profiles.player_id = score.player_id
      where score is not null and hidden_at is null and excluded_at is null and forgotten_at is null
    )
    select coalesce(expected.board, leaderboard.board) as board, coalesce(expected.player_id, leaderboard.player_id) as player,
      score, leaderboard_score as settled, rank, leaderboard_rank as settled_rank
    from expected full join (select * from leaderboard ${UNPACKED}) as leaderboard using (board, player_id)
    where (rank, score) is distinct from (leaderboard_rank::bigint, leaderboard_score)
    limit 5`.execute(database);
  return rows.map((row) => `not settled: ${JSON.stringify(row)}`);
}

interface Listed {
  tick: number;
  player: number;
  score: number;
}

/**
 * Compares the scores of every tick's best with those that the log made of them one after the other: each must be one
 * of these, and none older than what an earlier tick knew. @returns what is wrong, in words
 */
export async function scoresOutOfNowhere(database: Database): Promise<string[]> {
  const { rows: boards } = await sql<{ id: number; key: string; definition: BoardDefinition }>`
    select id, key, definition from boards where community_id = ${GUILD}`.execute(database);
  const problems: string[] = [];
  for (const { id, key, definition } of boards) {
    const { rows } = await sql<Listed>`
      select tick, (entry ->> 'player')::bigint as player, (entry ->> 'score')::float8 as score
      from leaderboard_snapshots cross join jsonb_array_elements(top_100) as entry
      where board_id = ${id} order by tick`.execute(database);
    const deedsOf = await readDeeds(database, id, [...new Set(rows.map(({ player }) => player))]);
    for (const [player, listed] of Map.groupBy(rows, (row) => row.player)) {
      const scores = scoresOverTime(definition, deedsOf.get(player) ?? []);
      let at = 0;
      for (const { tick, score } of listed) {
        at = scores.indexOf(score, at);
        if (at >= 0) continue;
        problems.push(`${key}, tick ${tick}: player ${player} did not have ${score} then`);
        break;
      }
    }
  }
  return problems;
}

interface LoggedDeed extends Omit<Deed, 'kind'> {
  player: number;
  kind: 'score' | 'set' | 'undo';
  undoes: number | null;
}

async function readDeeds(database: Database, board: number, players: number[]): Promise<Map<number, LoggedDeed[]>> {
  const { rows } = await sql<LoggedDeed>`
    select player_id as player, seq, kind, metrics, undoes from score_log
    where community_id = ${GUILD} and player_id = any(${players}::bigint[]) and kind in ('score', 'set', 'undo')
      and (board_id is null or board_id = ${board})
    order by seq`.execute(database);
  return Map.groupBy(rows, ({ player }) => player);
}

/** What somebody had after each of their deeds. */
function scoresOverTime(definition: BoardDefinition, logged: LoggedDeed[]): (number | null)[] {
  let deeds: Deed[] = [];
  let standing: Standing = nothing();
  return logged.map(({ seq, kind, metrics, undoes }) => {
    if (kind === 'undo') {
      deeds = deeds.filter((deed) => deed.seq !== undoes);
      standing = replay(definition, deeds).standing;
    } else if (counts(definition, metrics)) {
      const deed = { seq, kind, metrics };
      deeds.push(deed);
      standing = after(definition, standing, deed) ?? standing;
    }
    return standing.score;
  });
}
