import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** One change: `[collection, id, value]`, or `[collection, id]` for a removal. */
export type Operation = [collection: string, id: string, value?: unknown];

/** A journal of so many bytes is folded into the snapshot. */
const LARGEST = 64 * 1024 * 1024;

/**
 * An append-only file of changes, one JSON line for all changes that belong together.
 * A line torn by a kill is the last one and is left out; at every start, and when it is large, the journal is folded into a snapshot.
 */
export class Journal {
  readonly #snapshot: string;
  readonly #file: string;
  #descriptor: number | null = null;
  #size = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#snapshot = join(folder, 'snapshot.jsonl');
    this.#file = join(folder, 'journal.jsonl');
  }

  /** Every whole change ever written, oldest first. */
  *read(): Generator<Operation> {
    for (const file of [this.#snapshot, this.#file]) {
      if (!existsSync(file)) continue;
      for (const line of readFileSync(file, 'utf8').split('\n')) {
        const operations = parseLine(line);
        if (operations === undefined) break;
        yield* operations;
      }
    }
  }

  /** Makes `operations` the whole content and opens the journal for what follows. */
  restart(operations: Iterable<Operation>): void {
    const draft = `${this.#snapshot}.draft`;
    const descriptor = openSync(draft, 'w', 0o600);
    let lines: string[] = [];
    for (const operation of operations) {
      lines.push(`${JSON.stringify([operation])}\n`);
      if (lines.length < 500) continue;
      writeAll(descriptor, lines.join(''));
      lines = [];
    }
    writeAll(descriptor, lines.join(''));
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(draft, this.#snapshot);
    this.close();
    this.#descriptor = openSync(this.#file, 'w', 0o600);
    this.#size = 0;
  }

  /** Hands the changes to the kernel before it returns; true when the journal should be folded. */
  append(operations: Operation[]): boolean {
    if (this.#descriptor === null) return false;
    this.#size += writeAll(this.#descriptor, `${JSON.stringify(operations)}\n`);
    return this.#size > LARGEST;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

function parseLine(line: string): Operation[] | undefined {
  if (line === '') return [];
  try {
    return JSON.parse(line) as Operation[];
  } catch {
    return undefined;
  }
}

/** Writes all of a text: a write may take only part of it. Returns its size in bytes. */
function writeAll(descriptor: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  return bytes.length;
}
