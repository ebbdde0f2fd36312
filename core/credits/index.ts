export { creditEvents } from './events.ts';
export {
  type Balances,
  balancesOf,
  CREDIT_NAMES,
  type CreditRequest,
  countPending,
  findRequest,
  pendingRequests,
  requestId,
  requestsOf,
  verifyBalances,
  verifyDecisions,
} from './queries.ts';
export {
  type Answer,
  askForCredits,
  type CreditContext,
  cancelRequest,
  type Decider,
  decide,
  keepCard,
  LONGEST_REASON,
  mayDecide,
} from './rules.ts';
export type { CreditType } from './tables.ts';
