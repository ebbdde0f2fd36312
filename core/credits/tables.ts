import type { ColumnType, Generated } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Stamp } from '../../platform/database/tables.ts';
import type { PeopleTables } from '../people/index.ts';

export type CreditType = 'ai' | 'lead';
export type RequestStatus = 'pending' | 'approved' | 'rejected' | 'cancelled';

export interface CreditAccountsTable {
  community_id: string;
  player_id: number;
  credit_type: CreditType;
  balance: number;
  credits_updated_at: ColumnType<Date, Date | undefined, Date>;
}

export interface CreditRequestsTable {
  id: Generated<number>;
  community_id: string;
  player_id: number;
  credit_type: CreditType;
  amount: number;
  reason: string | null;
  status: ColumnType<RequestStatus, undefined, RequestStatus>;
  requested_via: 'discord' | 'web';
  /** What asked: the interaction's id or an idempotency key; a second one with the same id is the same request. */
  source_id: string;
  discord_channel_id: string | null;
  discord_message_id: string | null;
  approved_by_id: number | null;
  approved_by_policy: string | null;
  approved_at: ColumnType<Date | null, undefined, Date>;
  approval_note: string | null;
  created_at: Stamp;
}

/** Every change of a balance, append-only. */
export interface CreditLedgerTable {
  id: Generated<number>;
  community_id: string;
  player_id: number;
  credit_type: CreditType;
  amount: number;
  request_id: number | null;
  source_id: string;
  created_at: Stamp;
}

export type CreditTables = PeopleTables & {
  credit_accounts: CreditAccountsTable;
  credit_requests: CreditRequestsTable;
  credit_ledger: CreditLedgerTable;
};

/** The database, knowing this area's tables. */
export function credits(database: Database): Database<CreditTables> {
  return database.withTables<CreditTables>();
}
