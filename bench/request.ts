import { wait } from '../platform/clock.ts';
import { type Contender, measureBareNodeRed, settle, startBot, startGuildhall } from './contenders.ts';
import { round } from './figures.ts';
import { type Latencies, load, post } from './load.ts';

const MEMBERS = 200;
/** Commands a second that are tried, until the bot no longer holds one. */
const RATES = [10, 20, 30, 40, 45, 50, 60, 80, 100, 150, 200, 300, 400];
const TRY_SECONDS = 8;
/** Then all that a load caused must be done: a rate at which cards fall ever more behind is not steady. */
const DONE_WITHIN_SECONDS = 2;
/** A crowd, for a short while: so many times the steady rate. */
const CROWD = 4;
const ROUND_SECONDS = 10;
const ROUNDS = 5;
/** A rate is held while nearly all are acknowledged well within what a person notices, and none fails. */
const HELD_P95_MS = 50;

/**
 * `/request` at the highest steady rate that a hand-written bot with the same transaction holds: the bot, a bot that
 * answers a constant, and Guildhall in turns, and Guildhall's memory beside a bare Node-RED's.
 * @param say hears of the progress
 */
export async function benchRequest(say: (line: string) => void): Promise<object> {
  say('a bare Node-RED');
  const bare = await measureBareNodeRed();
  const contenders: Contender[] = [];
  try {
    const guildhall = await startGuildhall();
    contenders.push(guildhall);
    await settle();
    const memoryAfterStart = guildhall.memory();
    for (const name of ['request-bot', 'constant-bot'] as const) contenders.push(await startBot(name));
    const members = Array.from({ length: MEMBERS }, (_, index) => `bench-${index}`);
    for (const { sandbox } of contenders) {
      for (const username of members) await post(sandbox, 'join', { username });
    }
    const warm = async (): Promise<void> => {
      for (const { name, sandbox } of contenders) {
        say(`warming ${name}`);
        await load(sandbox, members, 50, TRY_SECONDS);
      }
    };
    await warm();
    const [, bot] = contenders;
    const rate = bot ? await highestRate(bot, members, say) : 0;
    say(`the hand-written bot holds ${rate} a second`);
    const rounds = new Map<string, Turn[]>();
    for (let number = 1; number <= ROUNDS; number += 1) {
      for (const contender of contenders) {
        const turn = await takeTurn(contender, members, rate);
        say(`${contender.name}, round ${number}: ${JSON.stringify(turn)}`);
        rounds.set(contender.name, [...(rounds.get(contender.name) ?? []), turn]);
      }
    }
    const memoryUnderLoad = guildhall.memory();
    await settle();
    const memoryAfterLoad = guildhall.memory();
    const crowd: Record<string, Turn> = {};
    for (const contender of contenders) {
      crowd[contender.name] = await takeTurn(contender, members, rate * CROWD);
      say(`${contender.name}, a crowd: ${JSON.stringify(crowd[contender.name])}`);
    }
    const summary = Object.fromEntries([...rounds].map(([name, all]) => [name, middle(all)]));
    return {
      rate,
      ...summary,
      p95Ratio: middleRatio(rounds, 'p95'),
      processorRatio: middleRatio(rounds, 'processorMsEach'),
      latestMs: Math.max(...(rounds.get('guildhall') ?? []).map(({ max }) => max), crowd.guildhall?.max ?? 0),
      crowd,
      memoryMb: {
        bareNodeRed: bare.memoryMb,
        afterStart: memoryAfterStart,
        atTheEndOfTheLoad: memoryUnderLoad,
        afterTheLoad: memoryAfterLoad,
        afterTheCrowd: guildhall.memory(),
        requestBot: bot?.memory(),
        moreThanBareAfterStart: memoryAfterStart - bare.memoryMb,
        moreThanBareAfterLoad: memoryAfterLoad - bare.memoryMb,
      },
    };
  } finally {
    for (const contender of contenders.reverse()) await contender.stop();
  }
}

/** One contender's turn: its latencies, and the processor time of its main process a command. */
type Turn = Latencies & { processorMsEach: number };

/** Members type for a while; then what they caused is waited for: cards are sent after the answers. */
async function takeTurn({ sandbox, processorMs, waiting }: Contender, members: string[], rate: number): Promise<Turn> {
  const before = processorMs();
  const latencies = await load(sandbox, members, rate, ROUND_SECONDS);
  await done(waiting);
  return { ...latencies, processorMsEach: round((processorMs() - before) / (rate * ROUND_SECONDS), 100) };
}

/** Waits until nothing is left to do, two minutes at most. @returns how many seconds that took */
async function done(waiting: () => Promise<number>): Promise<number> {
  for (let seconds = 0; seconds < 120; seconds += 1) {
    if ((await waiting()) === 0) return seconds;
    await wait(1000);
  }
  return 120;
}

async function highestRate(bot: Contender, members: string[], say: (line: string) => void): Promise<number> {
  const holds = async (rate: number): Promise<boolean> => {
    const { p95, failed, answered } = await load(bot.sandbox, members, rate, TRY_SECONDS);
    const busy = await done(bot.waiting);
    say(`${bot.name} at ${rate} a second: p95 ${p95} ms, ${failed} failed, done ${busy} s later`);
    return failed === 0 && p95 <= HELD_P95_MS && answered >= rate * 0.95 && busy <= DONE_WITHIN_SECONDS;
  };
  let held = RATES[0] ?? 0;
  for (const rate of RATES) {
    // A second try: what else the machine does may spoil one.
    if (!(await holds(rate)) && !(await holds(rate))) break;
    held = rate;
  }
  return held;
}

/** Guildhall's figure against the bot's of the same round, in the middle one: what disturbed a round disturbed both. */
function middleRatio(rounds: Map<string, Turn[]>, figure: 'p95' | 'processorMsEach'): number | undefined {
  const bots = rounds.get('request-bot') ?? [];
  const ratios = (rounds.get('guildhall') ?? []).map((turn, index) => turn[figure] / (bots[index]?.[figure] ?? 1));
  return ratios.map((ratio) => round(ratio, 100)).sort((a, b) => a - b)[Math.floor(ratios.length / 2)];
}

/** The round with the middle p95, whole. */
function middle(rounds: Turn[]): Turn | undefined {
  return [...rounds].sort((a, b) => a.p95 - b.p95)[Math.floor(rounds.length / 2)];
}
