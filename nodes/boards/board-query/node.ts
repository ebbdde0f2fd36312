import { z } from 'zod';
import { boardsOf } from '../../../core/boards/index.ts';
import { isRefusal } from '../../../platform/fault.ts';
import { defineNode } from '../../kit/index.ts';
import { isFromWeb } from '../../kit/response.ts';
import { meantBoard, meantPlayer } from '../meant.ts';
import { localeOf } from '../shown.ts';
import { QUERIES, QUERY_NAMES } from './queries.ts';

/** Reads boards: a page, a player, their history, two beside each other, who rises, or what may be asked for. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-board-query',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    query: z.enum(QUERY_NAMES).default('page'),
    /** A board of the flow's; empty: the one that the message names. */
    board: z.string().default(''),
  }),
  values: {
    boardKey: { type: 'msg', value: 'payload.board' },
    limit: { type: 'msg', value: 'payload.limit' },
    offset: { type: 'msg', value: 'payload.offset' },
    region: { type: 'msg', value: 'payload.region' },
    company: { type: 'msg', value: 'payload.company' },
    around: { type: 'msg', value: 'payload.around' },
    place: { type: 'msg', value: 'interaction.argument' },
    player: { type: 'msg', value: 'payload.player' },
    against: { type: 'msg', value: 'payload.against' },
    days: { type: 'msg', value: 'payload.days' },
    hours: { type: 'msg', value: 'payload.hours' },
    option: { type: 'msg', value: 'autocomplete.option' },
    typed: { type: 'msg', value: 'autocomplete.value' },
  },
  outputs: ['done', 'refused'],
  handle: async ({ platform, settings, values, msg, actor, shared }) => {
    const { read, key } = QUERIES[settings.query];
    const answer = await read({
      boards: boardsOf(platform),
      community: actor.community,
      viewer: actor.player,
      board: meantBoard(settings, values, shared),
      values,
      meant: (named) => meantPlayer(platform, named),
      locale: localeOf(msg),
      isForWeb: isFromWeb(actor),
      isForAnybody: isFromWeb(actor) && actor.scopes.length === 0,
    });
    if (isRefusal(answer)) return answer;
    if (isFromWeb(actor)) return { output: 'done', payload: answer.plain };
    const shown = answer.shown();
    return { output: 'done', payload: key === null ? shown : { ...(msg.payload as object), [key]: shown } };
  },
});
