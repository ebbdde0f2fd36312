import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { Home, LogFile } from './home.ts';
import { endChildren, readPidFile } from './postmaster.ts';
import type { Runner } from './runner.ts';
import { sendSignal, spawnAs, withReach } from './runner.ts';
import { clusterName, serverArguments } from './settings.ts';

/** All that is needed to run the server of one folder. */
export type Place = { home: Home; runner: Runner; binaries: Binaries; log: LogFile };

/** One running server. */
export type Server = {
  pid: number;
  port: number;
  kill(name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void;
  /** Resolves with how it ended, such as "was ended by SIGKILL". */
  ended: Promise<string>;
};

/** Why a server did not come up; `again` says what may help at once. */
export class StartFailure extends Error {
  readonly again: 'other-port' | 'wait' | null;

  constructor(message: string, again: StartFailure['again']) {
    super(message);
    this.name = 'StartFailure';
    this.again = again;
  }
}

/** Recovery after a crash reads at most a few hundred megabytes. */
const READY_WITHIN_MS = 120_000;
const POLL_MS = 4;

/** A port on 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function failure(place: Place, how: string, from: number): StartFailure {
  const text = place.log.since(from);
  const lines = text.split('\n').filter((line) => /FATAL|PANIC|ERROR|could not|error while/.test(line));
  const said = lines.slice(-4).join('\n') || text.trim().split('\n').slice(-4).join('\n');
  let again: StartFailure['again'] = null;
  if (/could not bind|could not create any TCP\/IP sockets/.test(text)) again = 'other-port';
  if (/pre-existing shared memory block|lock file ".*" already exists/.test(text)) again = 'wait';
  const message = `PostgreSQL did not start in ${place.home.folder}: it ${how}.\n${said}\nMore is in ${place.home.log}.`;
  return new StartFailure(message, again);
}

/**
 * Starts the server and waits until it takes connections. It is detached, so that Ctrl+C on the terminal reaches its
 * clients alone; a process that exits without stopping it still asks it to shut down.
 */
async function launchOnce(place: Place, port: number, halt?: AbortSignal): Promise<Server> {
  const { home, runner, binaries, log } = place;
  const from = log.size();
  const child = await withReach(runner, home.data, ({ path, fd }) => {
    const words = ['-D', path, ...serverArguments(port, clusterName(home.data))];
    const stdio = ['ignore' as const, log.fd, log.fd, ...(fd === null ? [] : [fd])];
    return spawnAs(runner, binaries.postgres, words, { stdio, detached: true });
  });
  let outcome: string | null = null;
  const kill: Server['kill'] = (name) => {
    if (child.pid !== undefined && outcome === null) sendSignal(runner, child.pid, name);
  };
  const shutDown = () => kill('SIGINT');
  process.once('exit', shutDown);
  halt?.addEventListener('abort', shutDown, { once: true });
  const ended = new Promise<string>((done) => {
    // Noted at once, since the pid may be given out again from here on.
    const finish = (how: string) => {
      outcome ??= how;
      process.off('exit', shutDown);
      halt?.removeEventListener('abort', shutDown);
      done(outcome);
    };
    child.once('error', (error) => finish(`could not be run (${error.message})`));
    child.once('exit', (code, signal) => finish(signal ? `was ended by ${signal}` : `ended with status ${code}`));
  });
  const { pid } = child;
  for (const until = Date.now() + READY_WITHIN_MS; ; await sleep(POLL_MS)) {
    if (outcome !== null || pid === undefined) throw failure(place, await ended, from);
    const file = readPidFile(home);
    if (file?.pid === pid && file.ready) return { pid, port, kill, ended };
    if (Date.now() > until) {
      kill('SIGQUIT');
      await ended;
      throw failure(place, `took more than ${READY_WITHIN_MS / 1000} s`, from);
    }
  }
}

/** Starts the server on this port once the children of one that was killed have ended. */
export async function launch(place: Place, port: number, halt?: AbortSignal): Promise<Server> {
  for (let tries = 1; ; tries++) {
    try {
      return await launchOnce(place, port, halt);
    } catch (error) {
      const wait = error instanceof StartFailure && error.again === 'wait' && tries < 12;
      if (!wait || halt?.aborted) throw error;
      if (tries >= 3) endChildren(place.home, place.runner, tries < 8 ? 'SIGQUIT' : 'SIGKILL');
      await sleep(250);
    }
  }
}

/** Starts the server on a free port, and on another one where some process was faster. */
export async function launchSomewhere(place: Place): Promise<Server> {
  for (let tries = 1; ; tries++) {
    try {
      return await launch(place, await freePort());
    } catch (error) {
      if (!(error instanceof StartFailure) || error.again !== 'other-port' || tries >= 5) throw error;
    }
  }
}
