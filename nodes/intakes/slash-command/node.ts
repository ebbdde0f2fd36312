import { z } from 'zod';
import { defineNode } from '../../kit/index.ts';
import { takeInteractions } from '../../kit/interaction.ts';
import { checkCommand, commandSettings, declarationOf } from './declare.ts';

/** Takes a slash command, which it declares to Discord when it is deployed. */
export default defineNode({
  kind: 'intake',
  type: 'guildhall-slash-command',
  version: 1,
  settings: z
    .object({
      name: z.string().default(''),
      community: z.string().default(''),
      ...commandSettings,
      ephemeral: z.boolean().default(true),
    })
    .superRefine(checkCommand),
  outputs: ['command', 'suggestions wanted'],
  start: ({ settings, ...context }) =>
    takeInteractions(
      context,
      {
        kinds: ['command', 'autocomplete'],
        paths: [settings.command],
        deferral: settings.ephemeral ? 'ephemeral' : 'public',
        command: declarationOf(settings),
      },
      'suggestions wanted',
    ),
});
