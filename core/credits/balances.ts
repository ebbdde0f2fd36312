import { sql } from 'kysely';
import { compiledOnce, type Parameter } from '../../platform/database/compiled.ts';
import type { Database } from '../../platform/database/index.ts';
import { type CreditType, credits } from './tables.ts';

export interface Balances {
  ai: number;
  lead: number;
}

const selectBalances = compiledOnce((database, parameter: Parameter<{ community: string; player: number }>) =>
  credits(database)
    .selectFrom('credit_accounts')
    .select(['credit_type', 'balance'])
    .where('community_id', '=', parameter('community'))
    .where('player_id', '=', parameter('player')),
);

/** Both balances of a player; an account that was never used holds 0. */
export async function balancesOf(database: Database, community: string, player: number): Promise<Balances> {
  const balances: Balances = { ai: 0, lead: 0 };
  for (const { credit_type, balance } of await selectBalances(database, { community, player })) {
    balances[credit_type] = balance;
  }
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
