import { sql } from 'kysely';
import { type Database, inTransaction, type Tx } from '../../platform/database/index.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import { lockPlayers } from '../people/index.ts';
import { type Board, boardsIn, metricsOf } from './boards.ts';
import { toFourPlaces } from './decimals.ts';
import { CORRECTION_PREFIX, LONGEST_ID, refuseValue } from './definition.ts';
import { HeldStandings } from './held-standings.ts';
import { keepBoardsStill } from './locks.ts';
import { type GiveSlots, nextSlots } from './slots.ts';

export const MOST_EVENTS = 10_000;
const MOST_METRICS = 20;

const SHADOWED = 'an event of the same id before it was rejected: send each id once';
/** Others that brought one of a batch's ids meanwhile; each time fewer are left. */
const MOST_TRIES = 20;

/** What became of a batch. */
export interface Scored {
  accepted: number;
  duplicates: number;
  rejected: Rejected[];
}

interface Rejected {
  /** The event's id, where it had one. */
  id: string | number | null;
  reason: string;
}

/** An event that can be read; whether its player exists and its metrics are known is not known yet. */
export interface ReadEvent {
  id: string;
  player: string | number;
  metrics: Record<string, number>;
}

/** Why an event cannot be read, and where. */
export interface EventProblem {
  /** id, player or a metric; null where it is the event as a whole. */
  field: string | null;
  reason: string;
}

interface Counted {
  id: string;
  player: number;
  metrics: Record<string, number>;
}

/**
 * Counts score events: each id once, each event for all boards that know one of its metrics. What cannot count is named
 * with its reason, and the others count.
 * @param given as it came: a list of `{id, player, <metric>: number …}`, where `player` is the web app's id as text, or
 * our own as a number; checked here
 * @param source what brought it: an interaction's id, a request's
 */
export async function recordScores(
  { database }: { database: Database },
  community: string,
  given: unknown,
  source: string,
): Promise<Scored | { refusal: Refusal }> {
  if (!Array.isArray(given)) {
    return refusal('invalid-events', 422, 'No events', 'Send {"events": [{"id": "…", "player": "…", …}, …]}.');
  }
  if (given.length > MOST_EVENTS) {
    const detail = `Send up to ${MOST_EVENTS} events at once; these are ${given.length}. None of them was counted.`;
    return refusal('too-many-events', 413, 'Too many events', detail);
  }
  const events = new Map<string, ReadEvent>();
  const again: string[] = [];
  const rejected: Rejected[] = [];
  for (const one of given) {
    const event = readEvent(one);
    if ('reason' in event) rejected.push(event);
    else if (events.has(event.id)) again.push(event.id);
    else events.set(event.id, event);
  }
  if (events.size === 0) return { accepted: 0, duplicates: 0, rejected };
  const counted = await countOnce(database, community, [...events.values()], source);
  const uncounted = new Set(counted.rejected.map(({ id }) => id));
  const shadowed = again.filter((id) => uncounted.has(id)).map((id) => ({ id, reason: SHADOWED }));
  return {
    accepted: counted.accepted,
    duplicates: again.length - shadowed.length + counted.duplicates,
    rejected: [...rejected, ...counted.rejected, ...shadowed],
  };
}

function readEvent(given: unknown): ReadEvent | Rejected {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { id: null, reason: 'an event must be an object' };
  }
  const { id } = given as Record<string, unknown>;
  const checked = checkEvent(given as Record<string, unknown>);
  if (!('problems' in checked)) return checked;
  const shown = typeof id === 'string' || typeof id === 'number' ? id : null;
  return { id: shown, reason: checked.problems[0]?.reason ?? '' };
}

/** Reads an event, and says all that is wrong with it. */
export function checkEvent({
  id,
  player,
  ...metrics
}: Record<string, unknown>): ReadEvent | { problems: EventProblem[] } {
  const problems: EventProblem[] = [];
  const note = (field: string | null, reason: string | null) => reason !== null && problems.push({ field, reason });
  note('id', refuseName('id', id) ?? refuseCorrectionId(id));
  const isOurs = typeof player === 'number' && Number.isSafeInteger(player);
  note('player', isOurs ? null : refuseName('player', player));
  const values = Object.entries(metrics);
  if (values.length === 0) note(null, 'it has no metric, such as "deals_closed": 1');
  if (values.length > MOST_METRICS) note(null, `it has ${values.length} metrics; up to ${MOST_METRICS} are read`);
  else for (const [name, value] of values) note(name, refuseValue(name.slice(0, 60), value));
  if (problems.length > 0) return { problems };
  const read = values.map(([name, value]) => [name, toFourPlaces(value as number)]);
  return { id: id as string, player: player as string | number, metrics: Object.fromEntries(read) };
}

const refuseCorrectionId = (id: unknown): string | null =>
  String(id).startsWith(CORRECTION_PREFIX) ? `ids that begin with ${CORRECTION_PREFIX} are kept for corrections` : null;

/** What PostgreSQL can hold as text, and nobody mistakes for another. */
function refuseName(what: string, given: unknown): string | null {
  if (given === undefined || given === null || given === '') return `it has no ${what}`;
  if (typeof given !== 'string') return `${what} must be text`;
  if (given.length > LONGEST_ID) return `${what} is longer than ${LONGEST_ID} characters`;
  if (given.includes('\0') || !given.isWellFormed()) return `${what} is not valid text`;
  return null;
}

/** Batches at once with one new id for two players: those that come later look again, and find it counted. */
async function countOnce(database: Database, community: string, events: ReadEvent[], source: string): Promise<Scored> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTransaction(database, (tx) => count(tx, community, events, source));
    } catch (error) {
      if ((error as { constraint?: string }).constraint !== 'score_log_event' || tries === MOST_TRIES) throw error;
    }
  }
}

async function count(tx: Tx, community: string, events: ReadEvent[], source: string): Promise<Scored> {
  await keepBoardsStill(tx, community);
  return countEvents(tx, { community, boards: await boardsIn(tx, community), source, giveSlots: nextSlots }, events);
}

/** What counting stands on: the boards, which `keepBoardsStill` keeps as they are. */
export interface Counting {
  community: string;
  boards: Board[];
  source: string;
  giveSlots: GiveSlots;
}

/** Counts events that could be read, each id once in them. */
export async function countEvents(
  tx: Tx,
  { community, boards, source, giveSlots }: Counting,
  events: ReadEvent[],
): Promise<Scored> {
  const playerOf = await lockPlayers(
    tx,
    community,
    events.map(({ player }) => player),
  );
  const before = await countedBefore(
    tx,
    community,
    events.map(({ id }) => id),
  );
  const rejected: Rejected[] = [];
  const fresh: Counted[] = [];
  let duplicates = 0;
  const known = metricsOf(boards);
  for (const { id, player: named, metrics } of events) {
    const player = playerOf(named);
    const unknown = Object.keys(metrics).find((name) => !known.has(name));
    if (before.has(id)) duplicates += 1;
    else if (unknown !== undefined) rejected.push({ id, reason: unknownMetric(unknown, known) });
    else if (player === null) rejected.push({ id, reason: unknownPlayer(named) });
    else fresh.push({ id, player, metrics });
  }
  const standings = await HeldStandings.read(tx, boards, [...new Set(fresh.map(({ player }) => player))]);
  const accepted: Counted[] = [];
  for (const event of fresh) {
    // They get their log rows together, below; until then each is called by its place, below 0.
    const fits = standings.apply(event.player, { seq: -1 - accepted.length, kind: 'score', metrics: event.metrics });
    if (fits) accepted.push(event);
    else rejected.push({ id: event.id, reason: 'with it a total would be too large a number' });
  }
  if (accepted.length > 0) {
    const seqs = await append(tx, community, accepted, source);
    await standings.write(tx, (seq) => (seq < 0 ? (seqs[-1 - seq] ?? 0) : seq), giveSlots);
  }
  return { accepted: accepted.length, duplicates, rejected };
}

const unknownPlayer = (named: string | number): string => `there is no player ${JSON.stringify(named)}`;

function unknownMetric(name: string, known: Set<string>): string {
  const names = known.size > 0 ? [...known].sort().join(', ') : 'none: the community has no board yet';
  return `no board knows the metric ${JSON.stringify(name.slice(0, 60))}; there are: ${names}`;
}

/** @returns which of these events were counted already */
export async function countedBefore(database: Database, community: string, ids: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ event_id: string }>`
    select event_id from score_log
    where community_id = ${community} and event_id = any(${ids}::text[])`.execute(database);
  return new Set(rows.map(({ event_id }) => event_id));
}

/** @returns the number of each event's log row, in the order of the events */
async function append(tx: Tx, community: string, events: Counted[], source: string): Promise<number[]> {
  const { rows } = await sql<{ seq: number }>`
    insert into score_log (community_id, kind, event_id, player_id, metrics, source_id)
    select ${community}, 'score', event_id, player_id, metrics, ${source} from unnest(
      ${events.map(({ id }) => id)}::text[], ${events.map(({ player }) => player)}::bigint[],
      ${events.map(({ metrics }) => JSON.stringify(metrics))}::jsonb[]
    ) with ordinality as given (event_id, player_id, metrics, place)
    order by place
    returning seq`.execute(tx);
  return rows.map(({ seq }) => seq);
}
