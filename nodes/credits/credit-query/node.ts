import { z } from 'zod';
import { balancesOf, pendingRequests, requestsOf } from '../../../core/credits/index.ts';
import { Fault } from '../../../platform/fault.ts';
import { defineNode } from '../../kit/index.ts';

const MOST_REQUESTS = 15;

/** Reads balances of a player, one's own requests, or what waits for a decision. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-credit-query',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    query: z.enum(['balances', 'own requests', 'pending requests']).default('balances'),
  }),
  values: { player: { type: 'msg', value: 'payload.player.id' } },
  outputs: ['done'],
  handle: async ({ platform, settings, values, msg, actor }) => {
    const { community } = actor;
    const payload = (msg.payload ?? {}) as object;
    if (settings.query === 'pending requests') {
      const pending = await pendingRequests(platform.database, community, MOST_REQUESTS);
      return { output: 'done', payload: { ...payload, pending } };
    }
    if (settings.query === 'own requests') {
      if (actor.discord_id === null) throw new Fault('nobody', 'Nobody in person acts in this message.');
      // A member who has used no command yet, and only types one, is no player.
      const requests =
        actor.player === null ? [] : await requestsOf(platform.database, community, actor.player, MOST_REQUESTS);
      return { output: 'done', payload: { ...payload, requests } };
    }
    const player = Number(values.player ?? actor.player ?? Number.NaN);
    if (!Number.isSafeInteger(player)) throw new Fault('nobody', 'This message names no player.');
    const balances = await balancesOf(platform.database, community, player);
    return { output: 'done', payload: { ...payload, balances } };
  },
});
