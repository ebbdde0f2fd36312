import { z } from 'zod';
import { type Decider, decide, mayDecide } from '../../../core/credits/index.ts';
import type { Actor } from '../../../platform/actor.ts';
import { Fault, isRefusal } from '../../../platform/fault.ts';
import type { Interaction } from '../../../platform/intakes.ts';
import type { Platform } from '../../../platform/start.ts';
import { defineNode } from '../../kit/index.ts';
import { personOf } from '../../kit/person.ts';
import { meantRequest } from '../meant-request.ts';

/** Decides a request: as the person who pressed, or as a policy of this flow with a daily cap. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-credit-decision',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    decision: z.enum(['approve', 'reject', 'ask whether allowed']).default('approve'),
    as: z.enum(['person', 'policy']).default('person'),
    dailyCap: z.coerce.number('use a number').int('use a whole number').min(0).max(1_000_000_000).default(100),
  }),
  values: {
    request: { type: 'msg', value: 'interaction.argument' },
    note: { type: 'msg', value: 'payload.note' },
  },
  outputs: ['done', 'refused'],
  handle: async ({ platform, settings, values, msg, actor, node }) => {
    const decider: Decider =
      settings.as === 'policy'
        ? {
            kind: 'policy',
            name: settings.name || 'Policy of this flow',
            node: node.id,
            revision: platform.flowRevision(),
            dailyCap: settings.dailyCap,
          }
        : await presser(platform, actor);
    const deciding = { community: actor.community, request: meantRequest(values.request, msg), decider };
    const { message } = (msg.interaction ?? {}) as Partial<Interaction>;
    const answer =
      settings.decision === 'ask whether allowed'
        ? await mayDecide(platform, deciding)
        : await decide(platform, {
            ...deciding,
            decision: settings.decision,
            note: values.note,
            source: actor.source,
            card: message ? { channel: message.channel, id: message.id } : null,
          });
    return isRefusal(answer) ? answer : { output: 'done', payload: answer };
  },
});

async function presser(platform: Platform, actor: Actor): Promise<Decider> {
  const person = await personOf(platform, actor);
  if (person) return { kind: 'person', ...person };
  throw new Fault('nobody', 'Nobody pressed here. Let the node decide as this flow’s policy, or wire it to a button.');
}
