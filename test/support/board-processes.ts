import { join } from 'node:path';
import { startWorker, type Worker } from '../../bench/worker.ts';
import type { BoardDefinition, Settled } from '../../core/boards/index.ts';
import type { Written } from './board-writer.ts';

/** An instance in a process of its own: board-instance.ts says what it can be asked. */
export interface InstanceProcess extends Worker {
  /** By this name PostgreSQL knows its connections. */
  name: string;
}

/** Instances with boards, and web apps that write scores, each in a process of its own, on one database. */
export class BoardProcesses {
  readonly instances: InstanceProcess[] = [];
  readonly #writers: Worker[] = [];
  readonly #connectionString: string;
  readonly #definitions: readonly BoardDefinition[];
  #named = 0;

  constructor(connectionString: string, definitions: readonly BoardDefinition[]) {
    this.#connectionString = connectionString;
    this.#definitions = definitions;
  }

  /** Begins an instance. @returns it, before it has its boards */
  begin(): InstanceProcess {
    this.#named += 1;
    const name = `instance-${this.#named}`;
    const address = new URL(this.#connectionString);
    address.searchParams.set('application_name', name);
    const instance = { name, ...startWorker(join(import.meta.dirname, 'board-instance.ts'), address.href) };
    this.instances.push(instance);
    return instance;
  }

  /** Begins an instance, and waits until it has its boards. */
  async start(): Promise<InstanceProcess> {
    const instance = this.begin();
    await instance.ask('add', ...this.#definitions);
    return instance;
  }

  async kill(instance: InstanceProcess): Promise<void> {
    this.instances.splice(this.instances.indexOf(instance), 1);
    await instance.kill();
  }

  /** The instance that leads, as far as it knows; null while none does. */
  async leader(): Promise<InstanceProcess | null> {
    const leads = await Promise.all(this.instances.map((instance) => instance.ask<boolean>('leads')));
    return this.instances[leads.indexOf(true)] ?? null;
  }

  /** What differs in the memory of each from what PostgreSQL makes of the same scores, in words. */
  async differences(): Promise<string[]> {
    const found = await Promise.all(
      this.instances.map(async ({ name, ask }) =>
        (await ask<string[]>('differences')).map((text) => `${name}, ${text}`),
      ),
    );
    return found.flat();
  }

  /** Has every board settled once more. */
  async settle(): Promise<Settled[]> {
    const [first] = this.instances;
    const settled: Settled[] = [];
    for (const { key } of first ? this.#definitions : []) settled.push(await (first as Worker).ask('settle', key));
    return settled;
  }

  /** @param players how many there are, of the names that `fillBoard` gives */
  addWriter(name: string, seed: number, players: number): void {
    this.#writers.push(
      startWorker(join(import.meta.dirname, 'board-writer.ts'), this.#connectionString, name, seed, players),
    );
  }

  /** Has all writers write until they are paused. */
  async write(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.ask('write')));
  }

  /** @returns what they have written so far, all together */
  async pause(): Promise<Written> {
    const written = await Promise.all(this.#writers.map((writer) => writer.ask<Written>('pause')));
    return {
      acknowledged: new Set(written.flatMap(({ acknowledged }) => [...acknowledged])),
      rolledBack: new Set(written.flatMap(({ rolledBack }) => [...rolledBack])),
      retries: written.reduce((sum, { retries }) => sum + retries, 0),
      faults: written.flatMap(({ faults }) => faults),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers, ...this.instances].map((worker) => worker.kill()));
  }
}
