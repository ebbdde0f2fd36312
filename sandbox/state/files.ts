import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSnowflake } from './snowflake.ts';

/** The contents of uploaded files, one file each, named by the attachment's id. */
export class FileStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  save(id: string, content: Buffer): void {
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, id), content, { mode: 0o600 });
  }

  read(id: string): Buffer | undefined {
    if (!isSnowflake(id)) return undefined;
    try {
      return readFileSync(join(this.#folder, id));
    } catch {
      return undefined;
    }
  }

  /** Removes every file but these. */
  keepOnly(ids: ReadonlySet<string>): void {
    mkdirSync(this.#folder, { recursive: true });
    for (const id of readdirSync(this.#folder)) if (!ids.has(id)) rmSync(join(this.#folder, id), { force: true });
  }
}
