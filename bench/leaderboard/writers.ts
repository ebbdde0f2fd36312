import { recordScores } from '../../core/boards/index.ts';
import { wait } from '../../platform/clock.ts';
import { openDatabase } from '../../platform/database/index.ts';
import { createLog } from '../../platform/log.ts';
import { answerTasks } from '../worker.ts';
import { COMMUNITY } from './prepare.ts';

/** Batches that were sent at a steady rate. Times are in milliseconds of the machine's clock. */
export interface Written {
  /** When each batch was due. */
  due: Float64Array;
  /** When its writer knew that it counts. */
  accepted: Float64Array;
  failed: number;
  /** Why the first of them was not taken whole. */
  why: string | null;
}

const [connectionString = ''] = process.argv.slice(2);
const { database, pool } = openDatabase(connectionString, createLog('warn'));

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Sends batches of events of players chosen by chance, each at its time, whatever becomes of those before.
 * @param source marks the log rows of a run; an event's id is this, the number of its batch, and its own
 */
async function write(
  source: string,
  players: number,
  batchesASecond: number,
  size: number,
  seconds: number,
): Promise<Written> {
  const count = batchesASecond * seconds;
  const written: Written = { due: new Float64Array(count), accepted: new Float64Array(count), failed: 0, why: null };
  const begun = now();
  const underWay: Promise<void>[] = [];
  for (let batch = 0; batch < count; batch += 1) {
    const due = begun + (batch * 1000) / batchesASecond;
    if (due > now()) await wait(due - now());
    written.due[batch] = due;
    const given = Array.from({ length: size }, (_, index) => ({
      id: `${source}/${batch}/${index}`,
      player: `player-${1 + Math.floor(Math.random() * players)}`,
      leads_generated: 1 + Math.floor(Math.random() * 10),
    }));
    const fail = (why: string) => {
      written.failed += 1;
      written.why ??= why;
    };
    const sent = recordScores({ database }, COMMUNITY, given, source).then(
      (scored) => {
        written.accepted[batch] = now();
        if ('refusal' in scored || scored.accepted < size) fail(JSON.stringify(scored));
      },
      (error: Error) => fail(error.message),
    );
    underWay.push(sent);
  }
  await Promise.all(underWay);
  return written;
}

answerTasks({ write }, () => pool.end());
