import { sql } from 'kysely';
import { type Boards, verifyBoards } from '../../core/boards/index.ts';
import type { LiveBoard } from '../../core/boards/live-board.ts';
import type { LoadedBoard } from '../../core/boards/load-board.ts';
import type { Filter } from '../../core/boards/standings.ts';
import { isSettledByItsRules } from '../../core/boards/verify.ts';
import type { Database } from '../../platform/database/index.ts';
import { until } from './guildhall.ts';

/** So many differences say enough. */
const MOST = 20;

interface Ranked {
  slot: number;
  player: number;
  score: number;
  reached: number;
  region: string | null;
  company: string | null;
  position: number;
  rank: number;
  region_rank: number;
  company_rank: number;
  both_rank: number;
  region_total: number;
  company_total: number;
  both_total: number;
}

/** Behind a subquery: what is read of packed rows is read first, or each sort would carry those along. */
export const UNPACKED = sql`offset 0`;

interface Settled {
  tick: number;
  isByItsRules: boolean;
  player: number;
  /** null in the one row of a tick that settled nobody. */
  slot: number | null;
  rank: number;
  previous: number | null;
  expected: number;
}

/** Waits until instances show all that was committed before, and no season waits for its end. */
export async function allCaughtUp(database: Database, instances: readonly Boards[], patience?: number): Promise<void> {
  const isOver = async () => {
    const { rows } = await sql`
      select from boards where closed_at is null and resets_at <= now()`.execute(database);
    return rows.length === 0;
  };
  await until('the seasons to end', isOver, patience);
  for (const instance of instances) {
    await instance.caughtUp();
    const isRead = async () => instance.live().every(({ loaded, isReading }) => loaded && !isReading);
    await until('the boards to be read', isRead, patience);
    await instance.caughtUp();
  }
}

/**
 * Compares everything that instances have with what PostgreSQL makes of the same tables and of the log: live ranks on the
 * whole and within each region and company, settled ranks, scores.
 * @returns what differs, in words
 */
export async function findDifferences(
  database: Database,
  instances: readonly Boards[],
  community?: string,
): Promise<string[]> {
  const found: string[] = [];
  for (const [index, instance] of instances.entries()) {
    const theirs = await instanceDifferences(database, instance, community);
    found.push(...theirs.map((text) => `instance ${index}, ${text}`));
  }
  found.push(...(await storedDifferences(database, community)));
  return found.slice(0, MOST);
}

/** The same of what one instance has in memory: live and settled ranks. */
export async function instanceDifferences(database: Database, instance: Boards, community?: string): Promise<string[]> {
  const found: string[] = [];
  const ours = ({ board }: LiveBoard) => community === undefined || board.community === community;
  for (const live of instance.live().filter(ours)) {
    const { key } = live.board;
    found.push(...(await liveDifferences(database, live)).map((text) => `${key}: ${text}`));
    found.push(...(await settledDifferences(database, live)).map((text) => `${key}: settled: ${text}`));
  }
  return found.slice(0, MOST);
}

/** The same of what is stored: scores beside the log, and what `npm run verify` finds. */
export async function storedDifferences(database: Database, community?: string): Promise<string[]> {
  const found = await scoreDifferences(database, community);
  const { differences } = await verifyBoards(database);
  const theirs = differences.filter((difference) => community === undefined || difference.community === community);
  found.push(...theirs.map((difference) => `verify: ${JSON.stringify(difference)}`));
  return found.slice(0, MOST);
}

async function liveDifferences(database: Database, { board, loaded }: LiveBoard): Promise<string[]> {
  if (!loaded) return ['it is not loaded'];
  const sign = sql.lit(board.definition.best === 'highest' ? -1 : 1);
  const { rows } = await sql<Ranked>`
    select slot, score.player_id as player, score, reached, region, company,
      row_number() over (order by ${sign} * score, reached, slot) as position,
      rank() over (order by ${sign} * score) as rank,
      rank() over (partition by region order by ${sign} * score) as region_rank,
      rank() over (partition by company order by ${sign} * score) as company_rank,
      rank() over (partition by region, company order by ${sign} * score) as both_rank,
      count(*) over (partition by region) as region_total,
      count(*) over (partition by company) as company_total,
      count(*) over (partition by region, company) as both_total
    from board_scores as score
    join boards on boards.id = board_id and boards.season = score.season and closed_at is null
    join profiles on profiles.community_id = boards.community_id and profiles.player_id = score.player_id
    where board_id = ${board.id} and score is not null
      and hidden_at is null and excluded_at is null and forgotten_at is null`.execute(database);
  const found = rows.flatMap((row) => rowDifferences(row, loaded));
  const { standings } = loaded;
  if (standings.size !== rows.length) found.push(`${standings.size} are ranked, not ${rows.length}`);
  return found.slice(0, MOST);
}

function rowDifferences(row: Ranked, { standings, players }: LoadedBoard): string[] {
  const { slot } = row;
  const found: string[] = [];
  const compare = (what: string, is: unknown, shouldBe: unknown) => {
    if (is !== shouldBe) found.push(`player ${row.player}: ${what} is ${is}, should be ${shouldBe}`);
  };
  compare('player', players[slot], row.player);
  compare('score', standings.score(slot), row.score);
  compare('reached', standings.reached(slot), row.reached);
  compare('region', standings.region(slot), row.region);
  compare('company', standings.company(slot), row.company);
  compare('rank', standings.rank(slot), row.rank);
  compare('position', standings.position(slot) + 1, row.position);
  const within = (what: string, filter: Filter, rank: number, total: number) => {
    compare(`rank within its ${what}`, standings.rank(slot, filter), rank);
    compare(`total of its ${what}`, standings.total(filter), total);
  };
  const { region, company } = row;
  if (region !== null) within('region', { region }, row.region_rank, row.region_total);
  if (company !== null) within('company', { company }, row.company_rank, row.company_total);
  if (region !== null && company !== null) {
    within('region and company', { region, company }, row.both_rank, row.both_total);
  }
  return found;
}

/** What the view says, beside `rank()` over its own scores, and beside what an instance holds of the same tick. */
async function settledDifferences(database: Database, live: LiveBoard): Promise<string[]> {
  const { board } = live;
  const sign = sql.lit(board.definition.best === 'highest' ? -1 : 1);
  const read = async () => {
    const { rows } = await sql<Settled>`
      select tick, ${isSettledByItsRules(board.id)} as "isByItsRules", settled.*
      from boards left join lateral (
        select player_id as player, slot, leaderboard_rank as rank, leaderboard_rank_previous as previous,
          rank() over (order by ${sign} * leaderboard_score) as expected
        from (select * from leaderboard ${UNPACKED}) as unpacked
        join board_scores as score using (player_id)
        where unpacked.community_id = boards.community_id and board = boards.key and board_id = boards.id
      ) as settled on true
      where id = ${board.id}`.execute(database);
    // A tick may come at any moment.
    return rows[0]?.tick === live.settled.tick ? rows.filter(({ slot }) => slot !== null) : null;
  };
  const rows = await until('the newest tick to be known', read);
  const { settled } = live;
  const found: string[] = [];
  for (const { player, slot, rank, previous, expected, isByItsRules } of rows) {
    if (rank !== expected && isByItsRules) found.push(`player ${player}: the rank is ${rank}, should be ${expected}`);
    if (settled.ranks[slot ?? -1] !== rank) {
      found.push(`player ${player}: ${settled.ranks[slot ?? -1]} is held, ${rank} settled`);
    }
    if ((settled.previous[slot ?? -1] || null) !== previous) {
      found.push(`player ${player}: ${settled.previous[slot ?? -1]} is held as the rank before, ${previous} settled`);
    }
  }
  const held = settled.ranks.reduce((count, rank) => count + (rank > 0 ? 1 : 0), 0);
  if (held !== rows.length) found.push(`${held} are held, ${rows.length} settled`);
  return found.slice(0, MOST);
}

/**
 * Scores as SQL makes them of the log, by no code of ours: per metric what counts since its last correction, each by its
 * operator, weighted and added up as decimals.
 */
async function scoreDifferences(database: Database, community?: string): Promise<string[]> {
  const { rows } = await sql<{ board: string; player: number; is: number | null; expected: number | null }>`
    with metric as (
      select boards.id as board_id, community_id, season, season_after, definition ->> 'best' as best,
        (metric ->> 'name') as name, metric ->> 'operator' as operator, (metric ->> 'weight')::numeric as weight
      from boards cross join jsonb_array_elements(definition -> 'metrics') as metric
      where closed_at is null and (${community ?? null}::text is null or community_id = ${community ?? null})
    ), deed as (
      select metric.*, player_id, seq, kind, (metrics ->> name)::numeric as value,
        max(seq) filter (where kind = 'set') over (partition by metric.board_id, player_id, name) as corrected
      from metric join score_log as log using (community_id)
      where kind in ('score', 'set') and seq > season_after and metrics ? name
        and (log.board_id is null or log.board_id = metric.board_id)
        and not exists (select from score_log as undo where undo.undoes = log.seq)
    ), held as (
      select board_id, player_id, name, case
          when operator = 'sum' then sum(value)
          when operator = 'latest' then (array_agg(value order by seq desc))[1]
          when best = 'highest' then max(value) else min(value)
        end as value
      from deed where corrected is null or seq >= corrected
      group by board_id, player_id, name, operator, best
    ), expected as (
      select player.board_id, player.player_id, case
          when bool_or(weight <> 0 and operator <> 'sum' and held.value is null) then null
          else round(coalesce(sum(weight * held.value), 0), 4)::float8
        end as score
      from (select distinct board_id, player_id from held) as player
      join metric using (board_id)
      left join held using (board_id, player_id, name)
      group by player.board_id, player.player_id
    ), actual as (
      select board_id, player_id, score from board_scores join boards on boards.id = board_id
      where closed_at is null and board_scores.season = boards.season and score is not null
        and (${community ?? null}::text is null or community_id = ${community ?? null})
    )
    select key as board, coalesce(actual.player_id, expected.player_id) as player, actual.score as is,
      expected.score as expected
    from actual full join expected using (board_id, player_id)
    join boards on boards.id = coalesce(actual.board_id, expected.board_id)
    where actual.score is distinct from expected.score
    limit ${MOST}`.execute(database);
  return rows.map(
    ({ board, player, is, expected }) => `${board}: player ${player} has ${is}, the log says ${expected}`,
  );
}
