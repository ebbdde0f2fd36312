import { sql } from 'kysely';
import type { Database, Tx } from '../../platform/database/index.ts';
import { findPlayers } from '../people/index.ts';
import { type Entry, enter } from './ledger.ts';
import { CREDIT_NAMES, isCreditType } from './requests.ts';
import type { CreditType } from './tables.ts';

/** Credits that somebody has from elsewhere: they are added to the balance, once for each id. */
export interface Opening {
  id: string;
  /** The web app's id or `player:17`. */
  player: string;
  creditType: CreditType;
  amount: number;
}

export interface OpeningProblem {
  field: 'id' | 'player' | 'credit_type' | 'amount' | 'reason';
  reason: string;
}

const LONGEST_ID = 100;
const LONGEST_REASON = 500;
const LARGEST_AMOUNT = 1_000_000_000;

/**
 * Reads an opening as it came, and says all that is wrong with it.
 * @param amount whole, from 0; 0 adds nothing
 */
export function checkOpening(given: {
  id: unknown;
  player: unknown;
  creditType: unknown;
  amount: unknown;
  reason: unknown;
}): Opening | { problems: OpeningProblem[] } {
  const { id, player, creditType, amount, reason } = given;
  const problems: OpeningProblem[] = [];
  const note = (field: OpeningProblem['field'], why: string | null) => why && problems.push({ field, reason: why });
  note('id', refuseText('id', id, LONGEST_ID));
  note('player', refuseText('player', player, LONGEST_ID));
  if (!isCreditType(creditType)) note('credit_type', `there are ${Object.keys(CREDIT_NAMES).join(' and ')} credits`);
  if (!Number.isSafeInteger(amount) || (amount as number) < 0 || (amount as number) > LARGEST_AMOUNT) {
    note('amount', `the amount must be a whole number from 0 to ${LARGEST_AMOUNT}`);
  }
  if (reason !== null) note('reason', refuseText('reason', reason, LONGEST_REASON));
  if (problems.length > 0) return { problems };
  return { id: id as string, player: player as string, creditType: creditType as CreditType, amount: amount as number };
}

function refuseText(what: string, given: unknown, longest: number): string | null {
  if (given === undefined || given === null || given === '') return `it has no ${what}`;
  if (typeof given !== 'string' || given.includes('\0') || !given.isWellFormed()) return `the ${what} must be text`;
  return given.length > longest ? `the ${what} is longer than ${longest} characters` : null;
}

/** In the ledger an opening is known by this. */
const sourceOf = (id: string): string => `import:${id}`;

/** What the ledger says of an opening that was entered. */
export interface EnteredOpening {
  player: number;
  creditType: CreditType;
  amount: number;
}

/** @returns what was entered already under some of these ids */
export async function openingsBefore(
  database: Database,
  community: string,
  ids: readonly string[],
): Promise<Map<string, EnteredOpening>> {
  const idOf = new Map(ids.map((id) => [sourceOf(id), id]));
  const { rows } = await sql<EnteredOpening & { source: string }>`
    select source_id as source, player_id as player, credit_type as "creditType", amount from credit_ledger
    where community_id = ${community} and request_id is null
      and source_id = any(${[...idOf.keys()]}::text[])`.execute(database);
  return new Map(rows.map(({ source, ...entered }) => [idOf.get(source) ?? '', entered]));
}

/**
 * Says in what an opening differs from what was entered under its id, or null.
 * @param player null: nobody knows them any more, and it is not compared
 */
export function refuseOther(opening: Opening, player: number | null, entered: EnteredOpening): string | null {
  const { creditType, amount } = entered;
  const isSame =
    (player === null || player === entered.player) && creditType === opening.creditType && amount === opening.amount;
  return isSame ? null : `it was entered before, as ${amount} ${CREDIT_NAMES[creditType]} of player:${entered.player}`;
}

/** What became of a batch of openings. */
export interface Opened {
  entered: number;
  /** They were there already. */
  before: number;
  rejected: { id: string; reason: string }[];
}

/**
 * Enters openings, each id once: a ledger row, the balance. What cannot be entered is named, and the others are.
 * @param openings each id once; their amounts above 0
 */
export async function enterOpenings(tx: Tx, community: string, openings: readonly Opening[]): Promise<Opened> {
  // Two with one id come one after the other.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`openings/${community}`}, 0))`.execute(tx);
  const ids = openings.map(({ id }) => id);
  const names = openings.map(({ player }) => player);
  const [before, playerOf] = [await openingsBefore(tx, community, ids), await findPlayers(tx, community, names)];
  const entries: Entry[] = [];
  const rejected: Opened['rejected'] = [];
  for (const opening of openings) {
    const { id, player: named, creditType, amount } = opening;
    const player = playerOf(named);
    const entered = before.get(id);
    const other = entered && refuseOther(opening, player, entered);
    if (other) rejected.push({ id, reason: other });
    else if (!entered && player === null) rejected.push({ id, reason: `there is no player ${JSON.stringify(named)}` });
    else if (!entered && player !== null)
      entries.push({ player, creditType, amount, request: null, source: sourceOf(id) });
  }
  if (entries.length > 0) await enter(tx, community, entries);
  return { entered: entries.length, before: openings.length - entries.length - rejected.length, rejected };
}
