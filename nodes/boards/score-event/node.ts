import { z } from 'zod';
import {
  addScore,
  type BoardPlayer,
  boardsOf,
  type Corrected,
  correctScore,
  recordScoresAs,
  takeBack,
} from '../../../core/boards/index.ts';
import { isRefusal } from '../../../platform/fault.ts';
import { defineNode, type Message } from '../../kit/index.ts';
import { isFromWeb } from '../../kit/response.ts';
import { doerOf, flowAsDoer } from '../doer.ts';
import { meantBoard, meantPlayer } from '../meant.ts';
import { labelOf, localeOf, pointsIn } from '../shown.ts';
import { eventsOf } from './events.ts';

/** Counts score events, adds one by hand, corrects what a player has, and takes either back. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-score-event',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    operation: z.enum(['record', 'add', 'correct', 'take back']).default('record'),
    as: z.enum(['who acts', 'this flow']).default('who acts'),
    /** A board of the flow's; empty: the one that the message names. */
    board: z.string().default(''),
  }),
  values: {
    events: { type: 'msg', value: 'payload.events' },
    player: { type: 'msg', value: 'payload.player' },
    boardKey: { type: 'msg', value: 'payload.board' },
    metric: { type: 'msg', value: 'payload.metric' },
    value: { type: 'msg', value: 'payload.value' },
    number: { type: 'msg', value: 'payload.number' },
    reason: { type: 'msg', value: 'payload.reason' },
  },
  outputs: ['done', 'refused'],
  handle: async ({ platform, settings, values, msg, actor, node, shared }) => {
    const { community } = actor;
    const { operation } = settings;
    const boards = boardsOf(platform);
    // Two of these nodes behind one command do two things.
    const source = `${actor.source}/${node.id}`;
    const meant = (named: unknown) => meantPlayer(platform, named);
    const doer =
      operation === 'record' && settings.as === 'this flow'
        ? flowAsDoer({ platform, node })
        : await doerOf({ platform, actor, msg, node });
    if (operation === 'record') {
      const events = await eventsOf(values.events, msg, { source, player: actor.player, meant });
      const scored = await recordScoresAs(platform, { community, doer, source, events });
      if (isRefusal(scored)) return scored;
      await boards.caughtUp();
      return { output: 'done', payload: scored };
    }
    const { number, metric, value, reason } = values;
    const board = meantBoard(settings, values, shared);
    const common = { community, reason, corrector: doer, source };
    const byHand = async () => ({ ...common, player: (await meant(values.player)) ?? '', metric, value });
    const ways = {
      'take back': async () => takeBack(platform, { ...common, seq: number }),
      add: async () => addScore(platform, await byHand()),
      correct: async () => correctScore(platform, { ...(await byHand()), board }),
    };
    const corrected = await ways[operation]();
    if (isRefusal(corrected)) return corrected;
    await boards.caughtUp();
    const found = await boards.player(community, corrected.player);
    const player = isRefusal(found) ? null : found.player;
    return {
      output: 'done',
      payload: isFromWeb(actor)
        ? { ...corrected, player }
        : { ...shown(corrected, player, boards.list(community), msg), label: labelOf(String(metric ?? '')) },
    };
  },
});

function shown(
  { correction, scores }: Corrected,
  player: BoardPlayer | null,
  boards: { key: string; title: string }[],
  msg: Message,
) {
  const locale = localeOf(msg);
  return {
    ...(msg.payload as object),
    correction,
    player,
    scores: scores.map(({ board, score }) => ({
      ...{ board, title: boards.find(({ key }) => key === board)?.title ?? board, score },
      points: score === null ? '–' : pointsIn(locale, score),
    })),
  };
}
