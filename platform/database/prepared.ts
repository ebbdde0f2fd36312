import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import pg from 'pg';

/** More texts than this are made by hand for one use each: naming them would only fill the server's memory. */
const MOST_NAMES = 500;
/** Its columns are those that the table has today: another instance's migration would break a prepared one. */
const ALL_COLUMNS = /(?:\bselect|\breturning|\.)\s*\*|\."?\*/i;
/** pg-boss takes a new job from JSON whose columns it spells out: no table's. */
const RECORD_COLUMNS = /\bselect \*,(?=[^*;]*\bfrom json_to_recordset\()/gi;
/** PostgreSQL says so of a plan whose result type has changed (appendix A). */
const FEATURE_NOT_SUPPORTED = '0A000';
const BEGUN = { command: 'BEGIN', rowCount: null, rows: [], fields: [], oid: 0 };

const names = new Map<string, string>();
let renamed = 0;

/**
 * A connection that spares ways to the server. It prepares each statement once: PostgreSQL parses and plans it at its
 * first use, and a slash command takes a dozen of them; statements are known by their text. And it sends a `begin`
 * together with the statement behind it.
 */
export class PreparingClient extends pg.Client {
  #begins = false;

  constructor(config: pg.ClientConfig = {}) {
    super({ ...config, pipeline: true });
  }

  // pg's nine overloads are passed on as they are: whatever each of them returns.
  override query(...given: unknown[]): never {
    const [text, values, ...rest] = given;
    if (text === 'begin') {
      this.#begins = true;
      return Promise.resolve(BEGUN) as never;
    }
    // Without values a text may hold several statements (pg-boss' upkeep does), which PostgreSQL cannot prepare.
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    const passed = (name === undefined ? given : [{ name, text, values }, ...rest]) as Parameters<pg.Client['query']>;
    const result: unknown = this.#begins ? this.#beginWith(passed) : super.query(...passed);
    if (name !== undefined && result instanceof Promise) result.catch((error) => renameOutdated(String(text), error));
    return result as never;
  }

  #beginWith(passed: Parameters<pg.Client['query']>): unknown {
    this.#begins = false;
    const { stream } = (this as unknown as { connection: { stream: Writable } }).connection;
    stream.cork();
    try {
      // Where it fails nothing more may happen: it would stand, whatever becomes of the rest.
      super.query('begin').catch(() => stream.destroy());
      return super.query(...passed);
    } finally {
      stream.uncork();
    }
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES || ALL_COLUMNS.test(text.replace(RECORD_COLUMNS, '')))
    return known;
  // A pooler may hand a connection that another process prepared on to this one: one name never means two texts.
  const name = `guildhall_${createHash('sha256').update(`${renamed}${text}`).digest('hex').slice(0, 32)}`;
  names.set(text, name);
  return name;
}

/** What was prepared before another instance's migration changed its columns never works again: it gets a new name. */
function renameOutdated(text: string, { code }: { code?: string }): void {
  if (code !== FEATURE_NOT_SUPPORTED) return;
  renamed += 1;
  names.delete(text);
}
