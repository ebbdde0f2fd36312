import { createHash } from 'node:crypto';
import pg from 'pg';

/** More texts than this are made by hand for one use each: naming them would only fill the server's memory. */
const MOST_NAMES = 500;
/** Its columns are those that the table has today: another instance's migration would break a prepared one. */
const ALL_COLUMNS = /(?:\bselect|\breturning|\.)\s*\*|\."?\*/i;

const names = new Map<string, string>();

/**
 * A connection that prepares each statement once: PostgreSQL parses and plans it at its first use, and a slash command
 * takes two dozen of them. Statements are known by their text.
 */
export class PreparingClient extends pg.Client {
  // pg's nine overloads are passed on as they are: whatever each of them returns.
  override query(...given: unknown[]): never {
    const [text, values, ...rest] = given;
    // Without values a text may hold several statements (pg-boss' upkeep does), which PostgreSQL cannot prepare.
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    const passed = name === undefined ? given : [{ name, text, values }, ...rest];
    return super.query(...(passed as Parameters<pg.Client['query']>)) as never;
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES || ALL_COLUMNS.test(text)) return known;
  // A pooler may hand a connection that another process prepared on to this one: one name never means two texts.
  const name = `guildhall_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  names.set(text, name);
  return name;
}
