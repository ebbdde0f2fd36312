import { join } from 'node:path';
import type pg from 'pg';
import { middle, round } from '../figures.ts';
import type { Say } from '../options.ts';
import { startWorker } from '../worker.ts';
import type { Loaded, Tick } from './instance.ts';
import { type Prepared, withClient } from './prepare.ts';

const TICKS = 5;
const PLAIN_TICKS = 3;
/** One in so many players did something since the tick before. */
const CHANGED = 100;

/** One contender's ticks: milliseconds, and what they wrote to PostgreSQL's log. */
interface Ticks {
  ms: number[];
  walMb: number[];
}

/**
 * A settled tick with all that it stores, against what somebody would write by hand: ranks as a column of all players,
 * which one statement brings up to date.
 */
export async function benchTick(say: Say, prepared: Prepared): Promise<object> {
  const { ms, walMb, rankingMs } = await ourTicks(say, prepared);
  const plain = await withClient(prepared.connectionString, (client) => plainTicks(say, client, prepared.players));
  const tickMs = middle(ms);
  const plainMs = middle(plain.ms);
  return {
    rankingMs: round(rankingMs),
    tickMs: Math.round(tickMs),
    plainMs: Math.round(plainMs),
    tick_times_faster: round(plainMs / tickMs),
    tickWalMb: round(middle(walMb)),
    plainWalMb: round(middle(plain.walMb)),
    allTicksMs: ms.map(Math.round),
    allPlainMs: plain.ms.map(Math.round),
  };
}

async function ourTicks(say: Say, { connectionString, players }: Prepared): Promise<Ticks & { rankingMs: number }> {
  const instance = startWorker(join(import.meta.dirname, 'instance.ts'), connectionString, 3600);
  const ticks: Ticks = { ms: [], walMb: [] };
  const ranking: number[] = [];
  try {
    await instance.ask<Loaded>('load');
    await instance.ask('firstTick');
    await withClient(connectionString, async (client) => {
      for (let number = 1; number <= TICKS; number += 1) {
        await instance.ask('change', players, players / CHANGED);
        const before = await walOf(client);
        const { tickMs, rankingMs } = await instance.ask<Tick>('tick');
        ticks.walMb.push((await walOf(client)) - before);
        ticks.ms.push(tickMs);
        ranking.push(rankingMs);
        say(`tick ${number}: ${Math.round(tickMs)} ms, ranking ${round(rankingMs)} ms`);
      }
    });
  } finally {
    await instance.close();
  }
  return { ...ticks, rankingMs: middle(ranking) };
}

async function plainTicks(say: Say, client: pg.Client, players: number): Promise<Ticks> {
  await client.query(`
    create table plain_players as
    select player_id as id, full_name, region, company, score, null::int as rank, null::int as rank_previous
    from profiles join board_scores using (player_id)`);
  await client.query('alter table plain_players add primary key (id)');
  await client.query('create index on plain_players (rank)');
  await client.query('vacuum analyze plain_players');
  const ticks: Ticks = { ms: [], walMb: [] };
  for (let number = 1; number <= PLAIN_TICKS; number += 1) {
    await client.query(
      `update plain_players set score = score + 25 * ceil(4 * random())
      where id in (select id from plain_players order by random() limit $1)`,
      [Math.round(players / CHANGED)],
    );
    const before = await walOf(client);
    const begun = performance.now();
    await client.query(`
      update plain_players set rank_previous = plain_players.rank, rank = ranked.rank
      from (select id, rank() over (order by score desc) as rank from plain_players) as ranked
      where ranked.id = plain_players.id`);
    ticks.ms.push(performance.now() - begun);
    ticks.walMb.push((await walOf(client)) - before);
    say(`plain tick ${number}: ${Math.round(ticks.ms.at(-1) ?? 0)} ms`);
  }
  await client.query('drop table plain_players');
  return ticks;
}

async function walOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as bytes`);
  return rows[0].bytes / 1024 ** 2;
}
