import { type InsertQueryBuilder, type Selectable, sql, type UpdateQueryBuilder } from 'kysely';
import { compiledOnce, type Parameter, theOnly } from '../../platform/database/compiled.ts';
import type { Database } from '../../platform/database/index.ts';
import type { PlatformTables } from '../../platform/database/tables.ts';
import { fitText } from '../../platform/discord/text.ts';
import { nameOf } from '../people/index.ts';
import { type CreditRequestsTable, type CreditTables, type CreditType, credits, type RequestStatus } from './tables.ts';

/** What each kind of credit is called where people see it. */
export const CREDIT_NAMES: Record<CreditType, string> = { ai: 'AI credits', lead: 'Lead credits' };

export const isCreditType = (value: unknown): value is CreditType =>
  typeof value === 'string' && Object.hasOwn(CREDIT_NAMES, value);

/** How much of a reason a list shows. */
const LINE = 60;

/** A request with the people around it, as messages show it. Times are seconds since 1970, as Discord's `<t:…>`. */
export interface CreditRequest {
  id: number;
  community: string;
  credit_type: CreditType;
  credit_name: string;
  amount: number;
  reason: string | null;
  /** The reason, cut to what a line of a list has room for. */
  reason_short: string | null;
  status: RequestStatus;
  pending: boolean;
  approved: boolean;
  rejected: boolean;
  cancelled: boolean;
  requested_via: 'discord' | 'web';
  requested_at: number;
  player: { id: number; name: string; discord_id: string | null };
  /** Who decided: a person, or the name of the flow's policy; null while pending. */
  decided_by: { id: number | null; name: string; discord_id: string | null } | null;
  decided_at: number | null;
  note: string | null;
  discord_channel_id: string | null;
  discord_message_id: string | null;
}

interface RequestKey {
  community: string;
  id: number;
}

const selectRequest = compiledOnce((database, parameter: Parameter<RequestKey>) =>
  withPeople(storedRequests(credits(database)))
    .where('request.community_id', '=', parameter('community'))
    .where('request.id', '=', parameter('id')),
);

/** @returns the request of this community, or null */
export async function findRequest(database: Database, community: string, id: number): Promise<CreditRequest | null> {
  const [row] = await selectRequest(database, { community, id });
  return row ? requestOf(row) : null;
}

/** One's own requests: pending ones first, the newest first. */
export async function requestsOf(
  database: Database,
  community: string,
  player: number,
  limit: number,
): Promise<CreditRequest[]> {
  return requests(database, community, (query) =>
    query
      .where('request.player_id', '=', player)
      // What can still be cancelled must not fall off the end of the list.
      .orderBy(sql`request.status = 'pending'`, 'desc')
      .orderBy('request.id', 'desc')
      .limit(limit),
  );
}

/** What waits for a decision: how many there are, and those that wait the longest. */
export async function pendingRequests(
  database: Database,
  community: string,
  limit: number,
): Promise<{ count: number; requests: CreditRequest[] }> {
  const waiting = await requests(database, community, (query) =>
    query.where('request.status', '=', 'pending').orderBy('request.id').limit(limit),
  );
  return { count: await countPending(database, community), requests: waiting };
}

/** How many requests wait for a decision, in one community or in all. */
export async function countPending(database: Database, community?: string): Promise<number> {
  const { count } = await credits(database)
    .selectFrom('credit_requests')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', '=', 'pending')
    .$if(community !== undefined, (query) => query.where('community_id', '=', community ?? ''))
    .executeTakeFirstOrThrow();
  return count;
}

/** What is read of a request's own row. */
const REQUEST_COLUMNS = [
  'id',
  'community_id',
  'player_id',
  'credit_type',
  'amount',
  'reason',
  'status',
  'requested_via',
  'discord_channel_id',
  'discord_message_id',
  'approved_by_id',
  'approved_by_policy',
  'approved_at',
  'approval_note',
  'created_at',
] as const;

type StoredRequest = Pick<Selectable<CreditRequestsTable>, (typeof REQUEST_COLUMNS)[number]>;
type CreditDatabase = PlatformTables & CreditTables;

const storedRequests = (database: Database<CreditTables>) => database.selectFrom('credit_requests as request');

/** Requests with the people around them. */
function withPeople(requests: ReturnType<typeof storedRequests>) {
  return requests
    .leftJoin('profiles as player', (join) =>
      join
        .onRef('player.player_id', '=', 'request.player_id')
        .onRef('player.community_id', '=', 'request.community_id'),
    )
    .leftJoin('links as link', (join) =>
      join.onRef('link.player_id', '=', 'request.player_id').on('player.forgotten_at', 'is', null),
    )
    .leftJoin('profiles as decider', (join) =>
      join
        .onRef('decider.player_id', '=', 'request.approved_by_id')
        .onRef('decider.community_id', '=', 'request.community_id'),
    )
    .leftJoin('links as decider_link', (join) =>
      join.onRef('decider_link.player_id', '=', 'request.approved_by_id').on('decider.forgotten_at', 'is', null),
    )
    .select(REQUEST_COLUMNS.map((column) => `request.${column}` as const))
    .select([
      'player.full_name as player_full_name',
      'link.discord_id as player_discord_id',
      'link.discord_display_name as player_display_name',
      'decider.full_name as decider_full_name',
      'decider_link.discord_id as decider_discord_id',
      'decider_link.discord_display_name as decider_display_name',
    ]);
}

type RequestsQuery = ReturnType<typeof withPeople>;
type RequestRow = Awaited<ReturnType<RequestsQuery['execute']>>[number];

async function requests(
  database: Database,
  community: string,
  narrow: (query: RequestsQuery) => RequestsQuery,
): Promise<CreditRequest[]> {
  const query = withPeople(storedRequests(credits(database))).where('request.community_id', '=', community);
  return (await narrow(query).execute()).map(requestOf);
}

/** What an insert or an update writes, read with the people around it in the same statement. */
function written(
  database: Database,
  write:
    | InsertQueryBuilder<CreditDatabase, 'credit_requests', StoredRequest>
    | UpdateQueryBuilder<CreditDatabase, 'credit_requests', 'credit_requests', StoredRequest>,
): RequestsQuery {
  const requests = credits(database)
    .with('request', () => write)
    .selectFrom('request');
  // The same columns, whether they were stored before or are written here.
  return withPeople(requests as unknown as ReturnType<typeof storedRequests>);
}

const insert = compiledOnce((database, parameter: Parameter<NewRequest>) =>
  written(
    database,
    credits(database)
      .insertInto('credit_requests')
      .values({
        community_id: parameter('community'),
        player_id: parameter('player'),
        credit_type: parameter('creditType'),
        amount: parameter('amount'),
        reason: parameter('reason'),
        requested_via: parameter('via'),
        source_id: parameter('source'),
      })
      .returning(REQUEST_COLUMNS),
  ),
);

export interface NewRequest {
  community: string;
  player: number;
  creditType: CreditType;
  amount: number;
  reason: string | null;
  via: 'discord' | 'web';
  source: string;
}

export async function insertRequest(database: Database, request: NewRequest): Promise<CreditRequest> {
  return requestOf(theOnly(await insert(database, request)));
}

const setCard = compiledOnce((database, parameter: Parameter<RequestKey & Card>) =>
  written(
    database,
    credits(database)
      .updateTable('credit_requests')
      .set({ discord_channel_id: parameter('channel'), discord_message_id: parameter('message') })
      .where('id', '=', parameter('id'))
      .where('community_id', '=', parameter('community'))
      .where('status', '=', 'pending')
      .returning(REQUEST_COLUMNS),
  ),
);

/** The message that shows a request. */
export interface Card {
  channel: string;
  message: string;
}

/** Notes the card of a pending request. @returns the request, or null where none such is pending */
export async function keepPendingCard(database: Database, request: RequestKey & Card): Promise<CreditRequest | null> {
  const [row] = await setCard(database, request);
  return row ? requestOf(row) : null;
}

function requestOf(row: RequestRow): CreditRequest {
  return {
    id: row.id,
    community: row.community_id,
    credit_type: row.credit_type,
    credit_name: CREDIT_NAMES[row.credit_type],
    amount: row.amount,
    reason: row.reason,
    reason_short: row.reason && fitText(row.reason, LINE),
    status: row.status,
    pending: row.status === 'pending',
    approved: row.status === 'approved',
    rejected: row.status === 'rejected',
    cancelled: row.status === 'cancelled',
    requested_via: row.requested_via,
    requested_at: seconds(row.created_at),
    player: {
      id: row.player_id,
      name: nameOf(row.player_id, { full_name: row.player_full_name, discord_display_name: row.player_display_name }),
      discord_id: row.player_discord_id,
    },
    decided_by: deciderOf(row),
    decided_at: row.approved_at ? seconds(row.approved_at) : null,
    note: row.approval_note,
    discord_channel_id: row.discord_channel_id,
    discord_message_id: row.discord_message_id,
  };
}

function deciderOf(row: RequestRow): CreditRequest['decided_by'] {
  if (row.status === 'pending') return null;
  if (row.approved_by_policy) return { id: null, name: row.approved_by_policy, discord_id: null };
  return {
    id: row.approved_by_id,
    name: row.decider_full_name ?? row.decider_display_name ?? `Player ${row.approved_by_id}`,
    discord_id: row.decider_discord_id,
  };
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** A request's id as a button or a path carries it; 0, which no request has, for anything else. */
export function requestId(value: unknown): number {
  const id = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : 0;
}
