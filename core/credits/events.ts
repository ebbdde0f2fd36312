import type { Database } from '../../platform/database/index.ts';
import type { CommunityEvent } from '../../platform/events.ts';
import { balancesOf } from './balances.ts';
import { findRequest } from './requests.ts';

/** Reads the request of an event as it stands now, with the balances of its player. */
async function withRequest(database: Database, event: CommunityEvent): Promise<Record<string, unknown>> {
  const request = await findRequest(database, event.community, Number(event.payload.request));
  const balances = request ? await balancesOf(database, event.community, request.player.id) : null;
  return { request, balances };
}

/** The events of this area, each with what its messages carry. */
export const creditEvents: Record<string, (database: Database, event: CommunityEvent) => Promise<object>> = {
  'credit.requested': withRequest,
  'credit.decided': withRequest,
  'credit.cancelled': withRequest,
};
