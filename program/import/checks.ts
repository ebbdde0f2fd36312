import { sql } from 'kysely';
import { PLAYERS_TABLE } from './players.ts';
import type { Problem } from './problems.ts';
import { quoted } from './problems.ts';
import type { Desk } from './sheet.ts';
import type { Staging } from './staging.ts';

/** A rule took something back that was good when it was checked; what it was is noted, and nothing is written. */
export class Refused extends Error {}

/** Notes the ids that come again in a file. */
export async function noteRepeated<Row extends { line: number; id: string }>(
  desk: Desk,
  file: string,
  staging: Staging<Row>,
): Promise<void> {
  const { rows, total } = await staging.repeated();
  noteAll(desk, rows, total, ({ line, id, first }) => {
    return { file, line, column: 'id', sentence: `${quoted(id)} is in line ${first} already; each id comes once` };
  });
}

/** Notes the rows that name a player whom neither the community nor a file of players has. */
export async function noteUnknownPlayers<Row extends { line: number; id: string; player: string }>(
  desk: Desk,
  file: string,
  staging: Staging<Row>,
): Promise<void> {
  const { rows, total } = await staging.find(sql`
    not known and not exists (
      select from ${sql.table(PLAYERS_TABLE)} as given where given.id = ${sql.ref(`${staging.table}.player`)}
    )`);
  noteAll(desk, rows, total, ({ line, player }) => {
    return { file, line, column: 'player', sentence: `there is no player ${quoted(player)}` };
  });
}

/** Notes the rows that have a problem, and counts those that were not fetched. */
function noteAll<Row>({ problems }: Desk, rows: Row[], total: number, problemOf: (row: Row) => Problem): void {
  for (const row of rows) problems.add(problemOf(row));
  problems.addUnseen(total - rows.length);
}

/** @throws Refused where a rule rejected anything */
export function refuseRejected(
  { problems }: Desk,
  file: string,
  rows: { line: number; id: string }[],
  rejected: { id: string | number | null; reason: string }[],
): void {
  if (rejected.length === 0) return;
  const lines = new Map(rows.map(({ id, line }) => [id, line]));
  for (const { id, reason } of rejected) {
    problems.add({ file, line: lines.get(String(id)) ?? null, sentence: reason });
  }
  throw new Refused();
}
