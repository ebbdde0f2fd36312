import { z } from 'zod';
import { defineNode } from '../../kit/index.ts';
import { takeInteractions } from '../../kit/interaction.ts';

/** Takes presses of a button, choices in a select and submitted modals. */
export default defineNode({
  kind: 'intake',
  type: 'guildhall-component',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    community: z.string().default(''),
    /** The custom id up to its colon; what follows the colon is the argument. */
    customId: z.string().regex(/^[^:\s]{1,60}$/, 'use 1 to 60 characters without spaces and colons'),
    /** What Discord shows while the flow works for longer than a moment. */
    whenSlow: z.enum(['ephemeral', 'public', 'update', 'never']).default('ephemeral'),
  }),
  outputs: ['pressed'],
  start: ({ platform, settings, community, run }) =>
    takeInteractions(platform, run, {
      community,
      kinds: ['component', 'modal'],
      paths: [settings.customId],
      deferral: settings.whenSlow,
    }),
});
