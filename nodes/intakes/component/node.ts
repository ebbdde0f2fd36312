import { z } from 'zod';
import type { Interaction } from '../../../platform/intakes.ts';
import { defineNode } from '../../kit/index.ts';
import { takeInteractions } from '../../kit/interaction.ts';

/** What a component node takes, by the name that the editor shows. */
const TAKES: Record<string, Interaction['kind'][]> = {
  all: ['button', 'select', 'modal'],
  buttons: ['button'],
  selects: ['select'],
  modals: ['modal'],
};

/** Takes presses of a button, choices in a select and submitted modals. */
export default defineNode({
  kind: 'intake',
  type: 'guildhall-component',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    community: z.string().default(''),
    takes: z.enum(['all', 'buttons', 'selects', 'modals']).default('all'),
    /** The custom id up to its colon; what follows the colon is the argument. */
    customId: z.string().regex(/^[^:\s]{1,60}$/, 'use 1 to 60 characters without spaces and colons'),
    /** What Discord shows while the flow works for longer than a moment. */
    whenSlow: z.enum(['ephemeral', 'public', 'update', 'never']).default('ephemeral'),
  }),
  outputs: ['pressed'],
  start: ({ settings, ...context }) =>
    takeInteractions(context, {
      kinds: TAKES[settings.takes] ?? [],
      paths: [settings.customId],
      deferral: settings.whenSlow,
    }),
});
