import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnerLock } from './lock.ts';
import { lastPatienceMs, patienceMs, stopOrphan } from './postmaster.ts';
import type { Place, Server } from './server.ts';
import { launch } from './server.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** A server that ran this long did not fail because of how it was started. */
const STEADY_MS = 30_000;
const LOG_CHECK_MS = 60_000;
const LOG_LIMIT = 16 << 20;

async function within(ended: Promise<string>, ms: number): Promise<boolean> {
  const cancel = new AbortController();
  const late = sleep(ms, false, { signal: cancel.signal }).catch(() => false);
  const inTime = await Promise.race([ended.then(() => true), late]);
  cancel.abort();
  return inTime;
}

/** Keeps one server running on its port until it is told to stop. */
export class Supervisor {
  readonly #place: Place;
  readonly #lock: OwnerLock;
  readonly #log: (line: string) => void;
  readonly #listeners = new Set<(why: string) => void>();
  readonly #halt = new AbortController();
  readonly #logCheck: NodeJS.Timeout;
  #server: Server;
  #alive = true;
  #watch: Promise<void>;
  #stopped: Promise<void> | null = null;

  constructor(place: Place, lock: OwnerLock, server: Server, log: (line: string) => void) {
    this.#place = place;
    this.#lock = lock;
    this.#log = log;
    this.#server = server;
    this.#watch = this.#keep();
    this.#logCheck = setInterval(() => this.#tidyLog(), LOG_CHECK_MS).unref();
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Tells whenever the server ended without having been asked to. */
  onExit(listener: (why: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Stops the server in good order and gives the folder free; later calls wait for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#halt.abort();
    clearInterval(this.#logCheck);
    if (this.#alive) await this.#end();
    // A restart may have been under way.
    await this.#watch;
    if (this.#alive) await this.#end();
    this.#place.log.close();
    this.#lock.release();
  }

  async #end(): Promise<void> {
    const { kill, ended } = this.#server;
    kill('SIGINT');
    if (!(await within(ended, patienceMs))) {
      this.#log(`PostgreSQL (pid ${this.pid}) takes over ${patienceMs / 1000} s to shut down and is stopped at once.`);
      kill('SIGQUIT');
      if (!(await within(ended, lastPatienceMs))) kill('SIGKILL');
    }
    await ended;
    this.#alive = false;
  }

  async #keep(): Promise<void> {
    while (!this.#halt.signal.aborted) {
      const since = Date.now();
      const { ended, pid } = this.#server;
      const how = await ended;
      this.#alive = false;
      if (this.#halt.signal.aborted) return;
      this.#tell(`PostgreSQL (pid ${pid}) in ${this.#place.home.folder} ${how}; it is started again.`);
      await this.#restart(Date.now() - since > STEADY_MS);
    }
  }

  async #restart(wasSteady: boolean): Promise<void> {
    let pause = wasSteady ? 0 : FIRST_PAUSE_MS;
    let lastWords = '';
    while (!this.#halt.signal.aborted) {
      await sleep(pause, undefined, { signal: this.#halt.signal }).catch(() => {});
      if (this.#halt.signal.aborted) return;
      pause = Math.min(Math.max(pause, FIRST_PAUSE_MS) * 2, LONGEST_PAUSE_MS);
      if (!this.#lock.held()) {
        this.#tell(`The database folder ${this.#place.home.folder} was removed or replaced: restart Guildhall.`);
        this.#halt.abort();
        return;
      }
      try {
        await stopOrphan(this.#place.home, this.#place.runner);
        this.#server = await launch(this.#place, this.#server.port, this.#halt.signal);
        this.#alive = true;
        this.#log(`PostgreSQL is back on 127.0.0.1:${this.#server.port} (pid ${this.pid}).`);
        return;
      } catch (error) {
        if (this.#halt.signal.aborted) return;
        const words = error instanceof Error ? error.message : String(error);
        // The same trouble every few seconds is worth one line. Times and pids of the server's log lines differ.
        const gist = words.replace(/\d+/g, '');
        if (gist !== lastWords) this.#log(words);
        lastWords = gist;
      }
    }
  }

  #tidyLog(): void {
    try {
      this.#place.log.trim(LOG_LIMIT);
    } catch (error) {
      this.#log(`The log ${this.#place.home.log} could not be shortened: ${String(error)}`);
    }
  }

  #tell(why: string): void {
    this.#log(why);
    for (const listener of this.#listeners) {
      try {
        listener(why);
      } catch (error) {
        // What a listener does wrong must not keep the database down.
        this.#log(`A listener for the end of PostgreSQL failed: ${String(error)}`);
      }
    }
  }
}
