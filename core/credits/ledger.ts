import { sql } from 'kysely';
import type { Tx } from '../../platform/database/index.ts';
import type { CreditType } from './tables.ts';

/** A change of a balance. */
export interface Entry {
  player: number;
  creditType: CreditType;
  /** Not 0. */
  amount: number;
  /** The request that was approved; null: there was none. */
  request: number | null;
  /** What caused it. */
  source: string;
}

/**
 * Writes ledger rows, and the balances that follow from them: never one without the other.
 * @throws where a balance would fall below 0
 */
export async function enter(tx: Tx, community: string, entries: readonly Entry[]): Promise<void> {
  await sql`
    with entry as (
      insert into credit_ledger (community_id, player_id, credit_type, amount, request_id, source_id)
      select ${community}, player, credit_type, amount, request, source from unnest(
        ${entries.map(({ player }) => player)}::bigint[], ${entries.map(({ creditType }) => creditType)}::text[],
        ${entries.map(({ amount }) => amount)}::bigint[], ${entries.map(({ request }) => request)}::bigint[],
        ${entries.map(({ source }) => source)}::text[]
      ) with ordinality as given (player, credit_type, amount, request, source, place)
      order by place
      returning player_id, credit_type, amount
    )
    insert into credit_accounts as account (community_id, player_id, credit_type, balance)
    select ${community}, player_id, credit_type, sum(amount)::bigint from entry
    group by player_id, credit_type order by player_id, credit_type
    on conflict (community_id, player_id, credit_type) do update set
      balance = account.balance + excluded.balance, credits_updated_at = now()`.execute(tx);
}
