import { z } from 'zod';
import { describeEvent, EVENT_TYPES } from '../../../core/events.ts';
import { toFault } from '../../../platform/fault.ts';
import { defineNode } from '../../kit/index.ts';

/** Brings what happened in the community into the flow: durably, and once it is committed. */
export default defineNode({
  kind: 'intake',
  type: 'guildhall-community-event',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    community: z.string().default(''),
    event: z.enum(EVENT_TYPES, 'choose an event'),
  }),
  outputs: ['event'],
  start: ({ platform, settings, community, run }) =>
    platform.intakes.addEvent({
      community,
      types: [settings.event],
      take: async (event) => {
        try {
          const payload = await describeEvent(platform.database, event);
          const acting = { player: null, discord_id: null, roles: [], scopes: [], source: `event/${event.id}` };
          const { id, type, subject, occurredAt } = event;
          return await run(acting, {
            topic: type,
            payload,
            event: { id, type, subject, community, occurred_at: Math.floor(occurredAt.getTime() / 1000) },
          });
        } catch (error) {
          return { fault: toFault(error), cutOff: false };
        }
      },
    }),
});
