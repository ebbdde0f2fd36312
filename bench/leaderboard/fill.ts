import type pg from 'pg';

const REGIONS = 50;
const COMPANIES = 5000;
/** One in so many has a Discord account. */
const LINKED = 100;

/** The most that somebody has of each metric of the usual board, and what each is worth. */
const METRICS = [
  { name: 'deals_closed', most: 300, weight: 100 },
  { name: 'campaigns_launched', most: 40, weight: 25 },
  { name: 'leads_generated', most: 200, weight: 10 },
];

const FIRST_NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Margaret', 'Niklaus', 'Radia', 'Ken'];
const LAST_NAMES = ['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth', 'Hamilton', 'Wirth', 'Perlman'];

/**
 * Puts so many players with one score event each on a board that nobody is on yet: some 6,000 different scores, so most
 * tie, and few of the best. Players scored in another order than they came in, so no list is in order by chance.
 * Instances that run already do not see it.
 * @param board our number of a board with the usual metrics
 */
export async function fillBoard(client: pg.Client, community: string, board: number, players: number): Promise<void> {
  const run = (text: string, values: unknown[] = []) => client.query(text, values);
  await run('select setseed(0.4)');
  await run(
    `create temporary table newcomer as
    with made as (insert into players (created_at) select now() from generate_series(1, $1::int) returning id)
    select id, row_number() over (order by id)::int as number from made`,
    [players],
  );
  await run(
    `insert into profiles (community_id, player_id, web_id, full_name, email, region, company)
    select $1, id, 'player-' || number,
      ($2::text[])[1 + number % $3] || ' ' || ($4::text[])[1 + number % $5] || ' ' || number,
      'player-' || number || '@example.com', 'Region ' || number % ${REGIONS}, 'Company ' || number % ${COMPANIES}
    from newcomer order by id`,
    [community, FIRST_NAMES, FIRST_NAMES.length, LAST_NAMES, LAST_NAMES.length],
  );
  await run(
    `insert into links (discord_id, player_id, discord_username, discord_display_name)
    select (300000000000000000 + number)::text, id, 'player' || number, 'Player ' || number
    from newcomer where number % ${LINKED} = 0`,
  );
  const deed = METRICS.map(({ name, most }) => `'${name}', floor(${most} * random() ^ 2)`).join(', ');
  await run(
    `insert into score_log (community_id, kind, event_id, player_id, metrics, source_id)
    select $1, 'score', 'first-' || number, id, jsonb_build_object(${deed}), 'fill' from newcomer order by random()`,
    [community],
  );
  const held = METRICS.map(({ name }) => `(metrics ->> '${name}')::float8`);
  const score = METRICS.map(({ weight }, index) => `${held[index]} * ${weight}`).join(' + ');
  await run(
    `insert into board_scores (board_id, player_id, slot, season, metrics, score, reached)
    select id, player_id, row_number() over (order by seq) - 1, season, array[${held.join(', ')}, null], ${score}, seq
    from score_log join boards on boards.id = $1 where source_id = 'fill' order by seq`,
    [board],
  );
  await run('update boards set slots = $2 where id = $1', [board, players]);
  await run('drop table newcomer');
  await run('vacuum analyze');
}
