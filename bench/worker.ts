import { fork } from 'node:child_process';
import { FLAGS, memoryOf } from './contenders.ts';

/** A process of its own that does one thing after another. */
export interface Worker {
  /** @throws Error that the task threw there, or where the process has ended */
  ask<Answer>(task: string, ...given: unknown[]): Promise<Answer>;
  /** Its resident memory, in MB. */
  memory(): number;
  pid: number;
  close(): Promise<void>;
  /** Ends it at once, as nothing can expect it. */
  kill(): Promise<void>;
}

interface Asked {
  task: string;
  given: unknown[];
}

type Answered = { answer: unknown } | { error: string };

/** Begins a process with the flags of `npm start`. @param file a module that calls `answerTasks` */
export function startWorker(file: string, ...given: (string | number)[]): Worker {
  const child = fork(file, given.map(String), {
    execArgv: [...FLAGS],
    serialization: 'advanced',
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    ask: <Answer>(task: string, ...given: unknown[]) =>
      new Promise<Answer>((resolve, reject) => {
        const ended = () => reject(new Error(`${task}: the process has ended`));
        child.once('exit', ended);
        child.once('message', (answered: Answered) => {
          child.off('exit', ended);
          if ('error' in answered) reject(new Error(`${task}: ${answered.error}`));
          else resolve(answered.answer as Answer);
        });
        child.send({ task, given } satisfies Asked);
      }),
    memory: () => memoryOf(child.pid ?? 0),
    pid: child.pid ?? 0,
    close: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Does what the process that began this one asks, until that one is done. */
export function answerTasks(
  tasks: Record<string, (...given: never[]) => unknown>,
  stop?: () => Promise<unknown>,
): void {
  process.on('message', async ({ task, given }: Asked) => {
    try {
      process.send?.({ answer: await tasks[task]?.(...(given as never[])) } satisfies Answered);
    } catch (error) {
      process.send?.({ error: (error as Error).stack ?? String(error) } satisfies Answered);
    }
  });
  process.on('disconnect', async () => {
    await stop?.();
    process.exit(0);
  });
}
