import { type InsertQueryBuilder, type Selectable, sql, type UpdateQueryBuilder } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { PlatformTables } from '../../platform/database/tables.ts';
import { fitText } from '../../platform/discord/text.ts';
import { type CreditRequestsTable, type CreditTables, type CreditType, credits, type RequestStatus } from './tables.ts';

/** What each kind of credit is called where people see it. */
export const CREDIT_NAMES: Record<CreditType, string> = { ai: 'AI credits', lead: 'Lead credits' };

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

export interface Balances {
  ai: number;
  lead: number;
}

/** @returns the request of this community, or null */
export async function findRequest(database: Database, community: string, id: number): Promise<CreditRequest | null> {
  const [request] = await requests(database, community, (query) => query.where('request.id', '=', id));
  return request ?? null;
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

/** Both balances of a player; an account that was never used holds 0. */
export async function balancesOf(database: Database, community: string, player: number): Promise<Balances> {
  const rows = await credits(database)
    .selectFrom('credit_accounts')
    .select(['credit_type', 'balance'])
    .where('community_id', '=', community)
    .where('player_id', '=', player)
    .execute();
  const balances: Balances = { ai: 0, lead: 0 };
  for (const row of rows) balances[row.credit_type] = row.balance;
  return balances;
}

/** An account whose balance is not the sum of its ledger. */
export interface Difference {
  community: string;
  player: number;
  creditType: CreditType;
  balance: number;
  ledger: number;
}

/** Recomputes every balance from the ledger and says which differ. */
export async function verifyBalances(database: Database): Promise<{ accounts: number; differences: Difference[] }> {
  const { rows } = await sql<{
    community_id: string;
    player_id: number;
    credit_type: CreditType;
    balance: number;
    ledger: number;
  }>`
    select community_id, player_id, credit_type,
      coalesce(account.balance, 0) as balance, coalesce(ledger.total, 0)::bigint as ledger
    from credit_accounts as account
    full join (
      select community_id, player_id, credit_type, sum(amount) as total
      from credit_ledger group by community_id, player_id, credit_type
    ) as ledger using (community_id, player_id, credit_type)`.execute(database);
  return {
    accounts: rows.length,
    differences: rows
      .filter((row) => row.balance !== row.ledger)
      .map((row) => ({
        community: row.community_id,
        player: row.player_id,
        creditType: row.credit_type,
        balance: row.balance,
        ledger: row.ledger,
      })),
  };
}

/** Decided requests that break a promise: approved without their ledger row, or decided without their event. */
export async function verifyDecisions(database: Database): Promise<{ decided: number; broken: number[] }> {
  const { rows } = await sql<{ id: number; broken: boolean }>`
    select request.id,
      (request.status = 'approved') <> exists (select from credit_ledger where request_id = request.id)
      or not exists (
        select from events
        where type = 'credit.decided' and subject = 'credit-request/' || request.id
      ) as broken
    from credit_requests as request where status in ('approved', 'rejected')`.execute(database);
  return { decided: rows.length, broken: rows.filter((row) => row.broken).map((row) => row.id) };
}

/** What is read of a request's own row. */
export const REQUEST_COLUMNS = [
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
    .innerJoin('players as player', 'player.id', 'request.player_id')
    .leftJoin('links as link', 'link.player_id', 'request.player_id')
    .leftJoin('players as decider', 'decider.id', 'request.approved_by_id')
    .leftJoin('links as decider_link', 'decider_link.player_id', 'request.approved_by_id')
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

/**
 * Writes one request and reads it with the people around it, in one statement.
 * @param write an insert or an update that returns `REQUEST_COLUMNS`
 * @returns it as it was written, or null where nothing was
 */
export async function writeRequest(
  database: Database,
  write:
    | InsertQueryBuilder<CreditDatabase, 'credit_requests', StoredRequest>
    | UpdateQueryBuilder<CreditDatabase, 'credit_requests', 'credit_requests', StoredRequest>,
): Promise<CreditRequest | null> {
  const written = credits(database)
    .with('request', () => write)
    .selectFrom('request');
  // The same columns, whether they were stored before or are written here.
  const row = await withPeople(written as unknown as ReturnType<typeof storedRequests>).executeTakeFirst();
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
      name: row.player_full_name ?? row.player_display_name ?? `Player ${row.player_id}`,
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
