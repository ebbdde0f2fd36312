import { z } from 'zod';
import { settleAs } from '../../../core/boards/index.ts';
import { isRefusal } from '../../../platform/fault.ts';
import { defineNode } from '../../kit/index.ts';
import { isFromWeb } from '../../kit/response.ts';
import { doerOf } from '../doer.ts';
import { meantBoard } from '../meant.ts';
import { countIn, localeOf } from '../shown.ts';

/** Settles a board now, without waiting for its time. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-board-settle',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    /** A board of the flow's; empty: the one that the message names. */
    board: z.string().default(''),
  }),
  values: { boardKey: { type: 'msg', value: 'payload.board' } },
  outputs: ['settled', 'refused'],
  handle: async ({ platform, settings, values, msg, actor, node, shared }) => {
    const { community } = actor;
    const doer = await doerOf({ platform, actor, msg, node });
    const settled = await settleAs(platform, { community, doer, board: meantBoard(settings, values, shared) });
    if (isRefusal(settled)) return settled;
    const total = countIn(localeOf(msg), settled.total_players);
    return { output: 'settled', payload: isFromWeb(actor) ? settled : { ...settled, total } };
  },
});
