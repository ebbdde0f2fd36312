import { z } from 'zod';
import { boardsOf, markPlayerAs, putPlayerAs } from '../../../core/boards/index.ts';
import { Fault, isRefusal } from '../../../platform/fault.ts';
import { defineNode } from '../../kit/index.ts';
import { doerOf } from '../doer.ts';
import { meantPlayer } from '../meant.ts';

/** What marks a player, by operation. */
const MARKS = {
  hide: () => ({ hidden: true }),
  show: () => ({ hidden: false }),
  exclude: (reason: unknown) => ({ excluded: true, reason }),
  admit: (reason: unknown) => ({ excluded: false, reason }),
} as const;

/** Makes players of a web app's people, hides and shows them, and takes them off the boards or admits them again. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-board-player',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    operation: z.enum(['save', 'hide', 'show', 'exclude', 'admit']).default('save'),
  }),
  values: {
    webId: { type: 'msg', value: 'req.params.id' },
    profile: { type: 'msg', value: 'payload' },
    player: { type: 'msg', value: 'payload.player' },
    reason: { type: 'msg', value: 'payload.reason' },
  },
  outputs: ['done', 'refused'],
  handle: async ({ platform, settings, values, msg, actor, node }) => {
    const { community, source } = actor;
    const { operation } = settings;
    const doer = await doerOf({ platform, actor, msg, node });
    if (operation === 'save') {
      const { webId: id, profile } = values;
      const saved = await putPlayerAs(platform, { community, doer, id, profile });
      if (isRefusal(saved)) return saved;
      await boardsOf(platform).caughtUp();
      const { player: _player, created: _created, ...shown } = saved;
      return { output: 'done', payload: shown };
    }
    const isOwn = operation === 'hide' || operation === 'show';
    const player = (await meantPlayer(platform, values.player)) ?? (isOwn ? actor.player : null);
    if (player === null) throw new Fault('nobody', 'This message names no player.');
    const mark = MARKS[operation](values.reason);
    const marked = await markPlayerAs(platform, { community, doer, player, mark, source });
    if (isRefusal(marked)) return marked;
    await boardsOf(platform).caughtUp();
    return { output: 'done', payload: { ...(msg.payload as object), ...mark, ...marked } };
  },
});
