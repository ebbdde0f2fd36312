import { z } from 'zod';
import { askForCredits, cancelRequest, keepCard } from '../../../core/credits/index.ts';
import { Fault, isRefusal } from '../../../platform/fault.ts';
import { defineNode } from '../../kit/index.ts';
import { meantRequest } from '../meant-request.ts';

/** Asks for credits, takes a request back, or notes which message is a request's card. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-credit-request',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    operation: z.enum(['ask', 'cancel', 'keep card']).default('ask'),
  }),
  values: {
    creditType: { type: 'str', value: 'ai' },
    amount: { type: 'msg', value: 'payload.amount' },
    reason: { type: 'msg', value: 'payload.reason' },
    request: { type: 'msg', value: 'interaction.argument' },
  },
  outputs: ['done', 'refused'],
  handle: async ({ platform, settings, values, msg, actor, node }) => {
    const { community, player, source } = actor;
    const request = meantRequest(values.request, msg);
    if (settings.operation === 'keep card') {
      const sent = msg.sent as { channel_id: string; message_id: string } | undefined;
      if (!sent) throw new Fault('no-card', 'No message was sent before. Wire this node behind a discord-message.');
      const answer = await keepCard(platform, {
        community,
        request,
        channel: sent.channel_id,
        message: sent.message_id,
      });
      return isRefusal(answer) ? answer : { output: 'done', payload: answer };
    }
    if (player === null) {
      throw new Fault('nobody', 'Nobody in person acts in this message, so nobody can ask or take back.');
    }
    const answer =
      settings.operation === 'ask'
        ? await askForCredits(platform, {
            community,
            player,
            creditType: values.creditType,
            amount: values.amount,
            reason: values.reason,
            via: actor.discord_id ? 'discord' : 'web',
            // Two of these nodes behind one command ask for two things.
            source: `${source}/${node.id}`,
          })
        : await cancelRequest(platform, { community, player, request, source });
    return isRefusal(answer) ? answer : { output: 'done', payload: answer };
  },
});
