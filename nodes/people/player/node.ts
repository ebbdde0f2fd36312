import { z } from 'zod';
import { findPlayer, playerOfMember } from '../../../core/people/index.ts';
import { Fault, refusal } from '../../../platform/fault.ts';
import type { Interaction } from '../../../platform/intakes.ts';
import { defineNode } from '../../kit/index.ts';

/** Finds the player behind a member: the one that a command names, or the one who acts. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-player',
  version: 1,
  settings: z.object({ name: z.string().default('') }),
  values: { member: { type: 'msg', value: 'payload.user' } },
  outputs: ['player', 'refused'],
  handle: async ({ platform, values, msg, actor }) => {
    const { users } = (msg.interaction ?? {}) as Partial<Interaction>;
    const named = typeof values.member === 'string' && values.member !== '' ? values.member : null;
    let id = actor.player;
    if (named) {
      const user = users?.[named];
      if (!user) return refusal('member-not-found', 404, 'Not found', 'There is no such member here.');
      if (user.bot) return refusal('not-a-player', 422, 'Not a player', 'Bots have no account.');
      id = await playerOfMember(platform.database, actor.community, user);
    }
    if (id === null) throw new Fault('nobody', 'This message names no member and nobody acts in it.');
    const player = await findPlayer(platform.database, actor.community, id);
    if (!player) return refusal('member-not-found', 404, 'Not found', 'There is no such player.');
    return { output: 'player', payload: { player } };
  },
});
