import { z } from 'zod';
import { boardsOf, settleAs } from '../../../core/boards/index.ts';
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
    const board = meantBoard(settings, values, shared);
    const settled = await settleAs(platform, { community, doer, board });
    if (isRefusal(settled)) return settled;
    const total = countIn(localeOf(msg), settled.total_players);
    // Who named none may not know that there are more.
    const others = board
      ? []
      : boardsOf(platform)
          .list(community)
          .filter(({ key }) => key !== settled.board);
    return { output: 'settled', payload: isFromWeb(actor) ? settled : { ...settled, total, others } };
  },
});
