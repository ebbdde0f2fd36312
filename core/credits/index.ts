export { type Balances, balancesOf, verifyBalances, verifyDecisions } from './balances.ts';
export { creditEvents } from './events.ts';
export { checkOpening, enterOpenings, type Opening, openingsBefore, refuseOther } from './openings.ts';
export {
  CREDIT_NAMES,
  type CreditRequest,
  countPending,
  findRequest,
  pendingRequests,
  requestId,
  requestsOf,
} from './requests.ts';
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
