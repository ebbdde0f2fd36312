import { wait } from '../clock.ts';
import type { Discord } from '../discord/index.ts';
import { type Examined, examineFlows, type Finding } from './index.ts';

/** What the servers lack of what the deployed flows ask, looked at anew whenever it may have changed. */
export interface Rounds {
  /** The flows have changed. */
  sync(): void;
  /** What the last look found wrong; nothing before the first, and while Discord cannot be asked. */
  problems(): Finding[];
  /** Settles once no look is due. */
  settled(): Promise<void>;
  stop(): void;
}

/** Gateway events after which a server may have something, or lack it. */
const CHANGES = ['GUILD', 'CHANNEL', 'GUILD_ROLE'].flatMap((thing) =>
  ['CREATE', 'UPDATE', 'DELETE'].map((what) => `${thing}_${what}`),
);
/** A look asks Discord a few things a server: however much changes there, it is not asked again before. */
const APART_MILLISECONDS = 5000;
/**
 * What is wrong may be mended in a way that no event tells of, what is well may break so (the bot loses a role), and
 * of a server that Discord said nothing of just then nothing is known.
 */
const AGAIN_MILLISECONDS = { wrong: 60_000, well: 600_000 };

/** Makes the doctor's rounds through the servers of a running program. */
export function createRounds(examined: Examined, discord: Discord, again = AGAIN_MILLISECONDS): Rounds {
  let found: Finding[] = [];
  let lookedAt = 0;
  let isDue = false;
  let looking: Promise<void> | null = null;
  let next: NodeJS.Timeout | undefined;
  const stopping = new AbortController();

  const look = async (): Promise<void> => {
    while (isDue && !stopping.signal.aborted) {
      isDue = false;
      lookedAt = performance.now();
      const isReady = discord.status().state === 'ready';
      found = isReady ? (await examineFlows(examined)).filter(({ state }) => state === 'problem') : [];
    }
  };
  /** Looks now, or once more after the look that is under way. */
  const sync = (): void => {
    clearTimeout(next);
    if (stopping.signal.aborted) return;
    isDue = true;
    looking ??= look().finally(() => {
      looking = null;
      if (isDue) sync();
      else if (!stopping.signal.aborted) next = setTimeout(sync, found.length > 0 ? again.wrong : again.well).unref();
    });
  };

  let isAwaited = false;
  /** Looks soon: changes come in crowds. */
  const changed = async (): Promise<void> => {
    if (isAwaited) return;
    isAwaited = true;
    await wait(Math.max(0, lookedAt + APART_MILLISECONDS - performance.now()), stopping.signal);
    isAwaited = false;
    sync();
  };
  for (const event of CHANGES) discord.onDispatch(event, () => void changed());
  discord.onStatus(sync);
  return {
    sync,
    problems: () => found,
    settled: async () => {
      while (looking) await looking;
    },
    stop: () => {
      stopping.abort();
      clearTimeout(next);
    },
  };
}
