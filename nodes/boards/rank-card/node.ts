import { z } from 'zod';
import { defineNode, renderPlain } from '../../kit/index.ts';
import { drawingOf } from './drawing.ts';

/** Draws a player's standing or history as a picture, and says the same in words, for where none can be drawn. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-rank-card',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    picture: z.enum(['rank card', 'history']).default('rank card'),
    /** Of a history. A template; empty: the board's title. */
    title: z.string().default(''),
    /** Of a history's dates; empty: that of the machine. */
    timeZone: z.string().default(''),
  }),
  values: {
    standing: { type: 'msg', value: 'payload.standing' },
    history: { type: 'msg', value: 'payload.history' },
  },
  outputs: ['drawn', 'text only'],
  handle: async ({ platform, settings, values, msg }) => {
    const { locale } = (msg.interaction ?? {}) as { locale?: string };
    const { picture, title, timeZone } = settings;
    const value = picture === 'history' ? values.history : values.standing;
    const drawing = drawingOf(picture, value, { title: renderPlain(title, msg), timeZone, locale });
    const data = drawing.svg === null ? null : await platform.pictures.draw(drawing.svg);
    // What an earlier node drew is not what this one says.
    const { card: _earlier, ...payload } = (msg.payload ?? {}) as { card?: unknown };
    const { text } = drawing;
    if (!data) return { output: 'text only', payload: { ...payload, text } };
    const card = { name: drawing.fileName, data, description: drawing.description };
    return { output: 'drawn', payload: { ...payload, text, card } };
  },
});
