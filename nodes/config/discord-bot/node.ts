import { z } from 'zod';
import { defineNode } from '../../kit/index.ts';

/** The bot that communities use. Its token comes from the environment and never lies in a flow. */
export default defineNode({
  kind: 'config',
  type: 'guildhall-discord-bot',
  version: 1,
  settings: z.object({ name: z.string().default('') }),
  outputs: [],
  start: ({ platform }) => ({ application: platform.discord.applicationId, stop: () => {} }),
});
