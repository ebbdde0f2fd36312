import { answerTasks } from '../../bench/worker.ts';
import { boardsIn } from '../../core/boards/boards.ts';
import { correctScore, markPlayer, putPlayer, recordScores, takeBack } from '../../core/boards/index.ts';
import { keepBoardsStill } from '../../core/boards/locks.ts';
import { countEvents, type ReadEvent } from '../../core/boards/score-events.ts';
import { nextSlots } from '../../core/boards/slots.ts';
import { wait } from '../../platform/clock.ts';
import { openDatabase } from '../../platform/database/index.ts';
import { GUILD, silent } from './database.ts';
import { type Random, randomFrom } from './random.ts';

/** What became of all that a writer did. */
export interface Written {
  /** The ids of all events of which it was told that they count. */
  acknowledged: Set<string>;
  /** The ids of all events whose transaction it rolled back. */
  rolledBack: Set<string>;
  /** How often something failed and was done again. */
  retries: number;
  /** What failed for longer than anything may. */
  faults: string[];
}

/** Something to do until it is done: whoever hears nothing does the same again. */
type Attempt = () => Promise<unknown>;

/** A web app as a process of its own, which writes what happens on boards, several things at a time. */
const [connectionString = '', name = '', seed = '', players = ''] = process.argv.slice(2);
const AT_ONCE = 3;
/** Between two things that happen, in milliseconds. */
const LONGEST_PAUSE = 60;
const LONGEST_TROUBLE = 60_000;
/** A third of all events are of so many players: those stand high, and two writers often mean the same. */
const BUSY_PLAYERS = 300;
/** As many ids are sent by every writer. */
const SHARED_IDS = 20_000;
const KNOWN_IDS = 1000;
const corrector = { kind: 'server' as const, key: name, scopes: ['scores:correct'] };
const actor = { key: name };

const { database } = openDatabase(connectionString, silent, { size: AT_ONCE });
const written: Written = { acknowledged: new Set(), rolledBack: new Set(), retries: 0, faults: [] };
const newest: string[] = [];
const newcomers: string[] = [];
const corrections: number[] = [];
let made = 0;

const newId = (what: string): string => {
  made += 1;
  return `${name}-${what}-${made}`;
};

function somebody(random: Random): string {
  if (newcomers.length > 0 && random.chance(0.05)) return random.pick(newcomers);
  return `player-${random.between(1, random.chance(0.33) ? BUSY_PLAYERS : Number(players))}`;
}

/** Small whole numbers, so that many tie. */
const someMetrics = (random: Random): Record<string, number> =>
  random.pick<() => Record<string, number>>([
    () => ({ deals_closed: random.between(0, 9) }),
    () => ({ campaigns_launched: random.between(1, 4) }),
    () => ({ leads_generated: random.between(1, 20) }),
    () => ({ deals_closed: 1, leads_generated: 10 * random.between(0, 2) }),
    () => ({ response_rate: random.between(0, 100) / 100 }),
  ])();

const newEvents = (random: Random, count: number, what: string): ReadEvent[] =>
  Array.from({ length: count }, () => ({ id: newId(what), player: somebody(random), metrics: someMetrics(random) }));

/** A batch with some events that came before, and some that another writer sends, too, for other players. */
function record(random: Random): Attempt {
  const events = newEvents(random, random.between(1, 150), 'event').map((event) => {
    const shared = `shared-${random.between(1, SHARED_IDS)}`;
    if (random.chance(0.05)) return { ...event, id: shared };
    return random.chance(0.05) && newest.length > 0 ? { ...event, id: random.pick(newest) } : event;
  });
  const given = events.map(({ id, player, metrics }) => ({ id, player, ...metrics }));
  return async () => {
    const scored = await recordScores({ database }, GUILD, given, name);
    if ('refusal' in scored || scored.rejected.length > 0) throw new Error(JSON.stringify(scored));
    for (const { id } of events) written.acknowledged.add(id);
    newest.push(...events.map(({ id }) => id));
    newest.splice(0, newest.length - KNOWN_IDS);
  };
}

class RolledBack extends Error {}

/** The same in a transaction that goes on while others commit later rows of the log, and may leave a gap in it. */
function recordSlowly(random: Random, commits: boolean): Attempt {
  const events = newEvents(random, random.between(1, 20), commits ? 'late' : 'undone');
  const milliseconds = random.between(0, 400);
  return async () => {
    await database
      .transaction()
      .execute(async (tx) => {
        await keepBoardsStill(tx, GUILD);
        const boards = await boardsIn(tx, GUILD);
        await countEvents(tx, { community: GUILD, boards, source: name, giveSlots: nextSlots }, events);
        await wait(milliseconds);
        if (!commits) throw new RolledBack();
      })
      .catch((error) => {
        if (!(error instanceof RolledBack)) throw error;
      });
    const ids = commits ? written.acknowledged : written.rolledBack;
    for (const { id } of events) ids.add(id);
  };
}

/** Round numbers, so that those who are corrected tie. */
function correct(random: Random): Attempt {
  const correcting = {
    community: GUILD,
    player: somebody(random),
    board: random.pick([null, null, 'all-time']),
    metric: 'deals_closed',
    value: random.pick([0, 100, 300, 310]),
    reason: 'by chance',
    corrector,
    source: newId('correction'),
  };
  return async () => {
    const corrected = await correctScore({ database }, correcting);
    if ('refusal' in corrected) throw new Error(corrected.refusal.detail);
    corrections.push(corrected.correction);
  };
}

function undo(random: Random): Attempt {
  const source = newId('undo');
  const seq = corrections.length > 0 ? random.pick(corrections) : null;
  return async () => {
    if (seq === null) return;
    const back = await takeBack({ database }, { community: GUILD, seq, reason: 'by chance', corrector, source });
    if ('refusal' in back) throw new Error(back.refusal.detail);
  };
}

function mark(random: Random): Attempt {
  const on = random.chance(0.5);
  const marking = {
    community: GUILD,
    player: somebody(random),
    mark: random.pick([{ hidden: on }, { excluded: on, reason: 'by chance' }]),
    actor,
    source: newId('mark'),
  };
  return () => markPlayer({ database }, marking);
}

function profile(random: Random): Attempt {
  const isNew = random.chance(0.5);
  const id = isNew ? newId('newcomer') : somebody(random);
  const region = random.chance(0.9) ? `Region ${random.between(0, 60)}` : null;
  const company = random.chance(0.9) ? `Company ${random.between(0, 5100)}` : null;
  return async () => {
    const saved = await putPlayer({ database }, GUILD, id, { name: id, region, company });
    if ('refusal' in saved) throw new Error(saved.refusal.detail);
    if (isNew) newcomers.push(id);
  };
}

const DEEDS: readonly { in20: number; begin: (random: Random) => Attempt }[] = [
  { in20: 10, begin: record },
  { in20: 2, begin: (random) => recordSlowly(random, true) },
  { in20: 1, begin: (random) => recordSlowly(random, false) },
  { in20: 2, begin: correct },
  { in20: 1, begin: undo },
  { in20: 2, begin: mark },
  { in20: 2, begin: profile },
];
const CHOICES = DEEDS.flatMap(({ in20, begin }) => Array.from({ length: in20 }, () => begin));

let isOver = true;
let working: Promise<unknown> = Promise.resolve();

async function untilDone(attempt: Attempt): Promise<void> {
  const begun = performance.now();
  for (let error: Error | null = null; ; written.retries += 1) {
    try {
      await attempt();
      return;
    } catch (caught) {
      error = caught as Error;
    }
    if (performance.now() - begun > LONGEST_TROUBLE) {
      written.faults.push(error.message);
      return;
    }
    await wait(100);
  }
}

async function work(random: Random): Promise<void> {
  while (!isOver) {
    await untilDone(random.pick(CHOICES)(random));
    await wait(random.between(0, LONGEST_PAUSE));
  }
}
const randoms = Array.from({ length: AT_ONCE }, (_, at) => randomFrom(Number(seed) + at));

answerTasks(
  {
    write: () => {
      if (!isOver) return;
      isOver = false;
      working = Promise.all(randoms.map(work));
    },
    /** Ends what is under way. @returns all that it has done so far */
    pause: async () => {
      isOver = true;
      await working;
      return written;
    },
  },
  () => database.destroy(),
);
