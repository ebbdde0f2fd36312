import { z } from 'zod';
import { defineNode } from '../../kit/index.ts';
import { takeInteractions } from '../../kit/interaction.ts';

/** Discord's option types by the names that the editor shows (application-commands page). */
const OPTION_TYPES = {
  text: 3,
  integer: 4,
  boolean: 5,
  member: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;
/** Command and option names (application-commands page); lower case is required where a script has it. */
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const isName = (name: string) => NAME.test(name) && name === name.toLowerCase();
const description = z.string().min(1, 'Discord shows a description: write one').max(100, 'use up to 100 characters');

const option = z.object({
  name: z.string().refine(isName, 'use 1 to 32 lower-case letters, digits, - or _'),
  type: z.enum(Object.keys(OPTION_TYPES) as (keyof typeof OPTION_TYPES)[]).default('text'),
  description,
  required: z.boolean().default(false),
});

/** Takes a slash command, which it declares to Discord when it is deployed. */
export default defineNode({
  kind: 'intake',
  type: 'guildhall-slash-command',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    community: z.string().default(''),
    /** The command with its subcommands, such as `request ai-credit`. */
    command: z
      .string()
      .transform((command) => command.trim().replace(/^\//, '').split(/\s+/).join(' '))
      .refine((command) => {
        const parts = command.split(' ');
        return parts.length <= 3 && parts.every(isName);
      }, 'use one to three lower-case words, such as request ai-credit'),
    description,
    options: z.array(option).max(25, 'Discord takes up to 25 options').default([]),
    ephemeral: z.boolean().default(true),
  }),
  outputs: ['command'],
  start: ({ platform, settings, community, run }) =>
    takeInteractions(platform, run, {
      community,
      kinds: ['command'],
      paths: [settings.command],
      deferral: settings.ephemeral ? 'ephemeral' : 'public',
      command: {
        path: settings.command,
        description: settings.description,
        // Discord wants the required ones first.
        options: [...settings.options]
          .sort((a, b) => Number(b.required) - Number(a.required))
          .map(({ name, type, description, required }) => ({ name, type: OPTION_TYPES[type], description, required })),
      },
    }),
});
