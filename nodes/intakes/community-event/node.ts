import { z } from 'zod';
import { describeEvent, EVENT_TYPES } from '../../../core/events.ts';
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
      take: (event) =>
        run(`event/${event.id}`, async () => {
          const payload = await describeEvent(platform.database, event);
          const { id, type, subject, occurredAt } = event;
          return {
            acting: { player: null, discord_id: null, roles: [], scopes: [] },
            message: {
              topic: type,
              payload,
              event: { id, type, subject, community, occurred_at: Math.floor(occurredAt.getTime() / 1000) },
            },
          };
        }),
    }),
});
