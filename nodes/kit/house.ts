import { wait } from '../../platform/clock.ts';
import type { Platform } from '../../platform/start.ts';

/** Where nodes find the platform: it may be there from the first, come late, fail to start, and go again. */
export interface House {
  /** null while it does not run. */
  platform(): Platform | null;
  state(): HouseState;
  /** Calls the listener with each change, in the order in which listeners came, until the returned function is called. */
  follow(listener: () => void): () => void;
  /** A community needs the platform from now on, until the returned function is called; that waits for a `close`. */
  moveIn(): () => Promise<void>;
  /** Flows are being replaced: a community that moves out now may come straight back. */
  hold(): void;
  /** The flows that are to run do run. */
  release(): void;
  /** Ends the platform at once, where it was started here. A community that moves in later starts it again. */
  close(): Promise<void>;
}

/** `vacant`: no community needs the platform; `failed` comes with the sentence for the operator. */
export type HouseState = { kind: 'vacant' | 'starting' | 'ready' } | { kind: 'failed'; sentence: string };

/** The house of a program that started the platform itself, before any node was loaded, and ends it itself. */
export function ownHouse(platform: () => Platform): House {
  return {
    platform,
    state: () => ({ kind: 'ready' }),
    follow: () => () => {},
    moveIn: () => async () => {},
    hold: () => {},
    release: () => {},
    close: async () => {},
  };
}

/** A deploy that moves a community elsewhere keeps the platform; one that has taken the last one away ends it. */
const GRACE_MILLISECONDS = 2000;
const FIRST_RETRY = 5000;
const LAST_RETRY = 60_000;

interface Options {
  start(): Promise<Platform>;
  /** Called once every listener knows that the platform runs. */
  started(platform: Platform): void;
  /** Tells the operator that it could not start. */
  failed(sentence: string): void;
  grace?: number;
  firstRetry?: number;
}

/**
 * The house in a Node-RED that is not ours: the platform starts when the first community moves in and ends when the
 * last one has been gone for a moment. One at a time: a start waits for the end of the one before.
 */
export function sharedHouse({ start, started, failed, grace = GRACE_MILLISECONDS, firstRetry = FIRST_RETRY }: Options) {
  const communities = new Set<symbol>();
  const listeners = new Set<() => void>();
  let platform: Platform | null = null;
  let state: HouseState = { kind: 'vacant' };
  let held = false;
  let closing = false;
  let pause = firstRetry;
  /** Ends the pause before the next attempt, or the grace. */
  let waiting = new AbortController();
  let atWork: Promise<void> | null = null;

  const change = (next: HouseState): void => {
    state = next;
    for (const listener of [...listeners]) listener();
  };
  const open = async (): Promise<void> => {
    change({ kind: 'starting' });
    try {
      platform = await start();
      pause = firstRetry;
      change({ kind: 'ready' });
      if (communities.size > 0) started(platform);
    } catch (error) {
      const sentence = (error as Error).message;
      change({ kind: 'failed', sentence });
      failed(sentence);
      await wait(pause, waiting.signal);
      pause = Math.min(LAST_RETRY, pause * 2);
    }
  };
  const end = async (): Promise<void> => {
    const ending = platform;
    platform = null;
    change({ kind: 'vacant' });
    await ending?.stop();
  };
  const work = async (): Promise<void> => {
    for (;;) {
      if (communities.size > 0 && !platform) await open();
      else if (communities.size === 0 && platform) {
        if (!closing) await wait(grace, waiting.signal);
        if (communities.size > 0) continue;
        // In the middle of a deploy nobody knows yet who comes back.
        if (held && !closing) return;
        await end();
      } else {
        if (communities.size === 0 && state.kind === 'failed') change({ kind: 'vacant' });
        return;
      }
    }
  };
  let due = false;
  const workWhileDue = async (): Promise<void> => {
    while (due) {
      due = false;
      await work();
    }
    atWork = null;
  };
  /** Does what is due, one after another. */
  const settle = (): Promise<void> => {
    if (communities.size > 0 || closing) {
      waiting.abort();
      waiting = new AbortController();
    }
    due = true;
    atWork ??= workWhileDue();
    return atWork;
  };
  return {
    platform: () => platform,
    state: () => state,
    follow: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    moveIn: () => {
      const community = Symbol('community');
      communities.add(community);
      closing = false;
      void settle();
      return async () => {
        communities.delete(community);
        if (communities.size > 0) return;
        const settled = settle();
        if (closing) await settled;
      };
    },
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      void settle();
    },
    close: async () => {
      closing = true;
      communities.clear();
      await settle();
    },
  } satisfies House;
}
