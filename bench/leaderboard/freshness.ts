import { join } from 'node:path';
import { percentiles, round } from '../figures.ts';
import type { Say } from '../options.ts';
import { startWorker } from '../worker.ts';
import type { Loaded, Watched } from './instance.ts';
import { type Prepared, withClient } from './prepare.ts';
import type { Written } from './writers.ts';

const BATCHES_A_SECOND = 30;
const BATCH = 100;
const SECONDS = 30;
const WARM_UP_SECONDS = 5;
const SETTLE_SECONDS = 5;
/** Marks what counts. */
const SOURCE = 'steady';

/**
 * Events in batches at a steady rate from a process of their own, beside an instance that shows ranks and settles a tick
 * every five seconds: how long after its acceptance each of them shows.
 */
export async function benchFreshness(say: Say, { connectionString, players }: Prepared): Promise<object> {
  const instance = startWorker(join(import.meta.dirname, 'instance.ts'), connectionString, SETTLE_SECONDS);
  const writers = startWorker(join(import.meta.dirname, 'writers.ts'), connectionString);
  try {
    await instance.ask<Loaded>('load');
    await instance.ask('firstTick');
    say(`${BATCHES_A_SECOND * BATCH} events a second for ${SECONDS} s`);
    await writers.ask<Written>('write', 'warm', players, BATCHES_A_SECOND, BATCH, WARM_UP_SECONDS);
    await instance.ask('watch');
    const written = await writers.ask<Written>('write', SOURCE, players, BATCHES_A_SECOND, BATCH, SECONDS);
    if (written.why !== null) say(`batches failed, the first one by: ${written.why}`);
    const watched = await instance.ask<Watched>('watched');
    const { sinceAccepted, sinceDue, missed } = await compare(connectionString, written, watched);
    const [accepted, due] = [percentiles(sinceAccepted), percentiles(sinceDue)];
    const { p50, p95, p99, max } = watched.delay;
    return {
      eventsASecond: BATCHES_A_SECOND * BATCH,
      failedBatches: written.failed,
      ticks: watched.ticks,
      p50: round(accepted(0.5)),
      p95: round(accepted(0.95)),
      p99: round(accepted(0.99)),
      max: round(accepted(1)),
      sentToShown: { p50: round(due(0.5)), p95: round(due(0.95)) },
      missed,
      eventLoopDelay: { p50: round(p50), p95: round(p95), p99: round(p99), max: round(max) },
    };
  } finally {
    await Promise.all([instance.close(), writers.close()]);
  }
}

/** By the numbers that the log gave them, events find when the instance took over what they made. */
async function compare(connectionString: string, { due, accepted }: Written, { players, reached, at }: Watched) {
  const shown = new Map<number, { reached: number; at: number }[]>();
  for (const [index, player] of players.entries()) {
    const theirs = shown.get(player) ?? [];
    shown.set(player, theirs);
    theirs.push({ reached: reached[index] ?? 0, at: at[index] ?? 0 });
  }
  const { rows } = await withClient(connectionString, (client) =>
    client.query<{ seq: number; player_id: number; batch: number }>(
      `select seq, player_id, split_part(event_id, '/', 2)::int as batch from score_log where source_id = $1`,
      [SOURCE],
    ),
  );
  const sinceAccepted: number[] = [];
  const sinceDue: number[] = [];
  let missed = 0;
  for (const { seq, player_id, batch } of rows) {
    const first = shown.get(player_id)?.find((one) => one.reached >= seq);
    if (!first) {
      missed += 1;
      continue;
    }
    // It may show before its writer hears of it.
    sinceAccepted.push(Math.max(0, first.at - (accepted[batch] ?? 0)));
    sinceDue.push(first.at - (due[batch] ?? 0));
  }
  return { sinceAccepted, sinceDue, missed };
}
