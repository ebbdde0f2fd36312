import { z } from 'zod';
import { wait } from '../../../platform/clock.ts';
import { saveCommunity } from '../../../platform/communities.ts';
import { meantBy } from '../../../platform/configuration.ts';
import { toFault } from '../../../platform/fault.ts';
import { defineNode } from '../../kit/index.ts';
import { LIVE_LISTS } from '../../kit/live-lists.ts';

const credits = z.coerce.number('use a number').int('use a whole number').min(1, 'use 1 or more').max(1_000_000_000);

/** A guild and the settings of its community: which roles decide, and how much may be asked for. */
export default defineNode({
  kind: 'config',
  type: 'guildhall-community',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    bot: z.string().default(''),
    /** Empty: the guild that DISCORD_GUILD_ID or the sandbox names. */
    guild: z
      .string()
      .regex(/^(\d{17,20})?$/, 'a guild is named by its id of 17 to 20 digits')
      .default(''),
    /** Role names or ids, separated by commas. */
    approverRoles: z.string().default(''),
    creditsPerRequest: credits.default(100),
    creditsPerDay: credits.default(1000),
  }),
  outputs: [],
  admin: LIVE_LISTS,
  needs: ({ guild, approverRoles }) => [{ ...(guild && { guild }), namesRoles: listOf(approverRoles) }],
  startsPlatform: true,
  start: ({ platform, settings }) => {
    const guild = settings.guild || platform.discordSettings.guildId;
    const closing = new AbortController();
    const community = {
      id: guild,
      name: settings.name,
      approverRoles: listOf(settings.approverRoles).map((role) =>
        meantBy(platform.configuration, 'roles', role, guild),
      ),
      creditsPerRequest: settings.creditsPerRequest,
      creditsPerDay: settings.creditsPerDay,
    };
    const save = async (): Promise<void> => {
      while (!closing.signal.aborted) {
        try {
          return await saveCommunity(platform.database, community);
        } catch (error) {
          // The gate stays closed until it is stored: yesterday's approver roles must not decide today.
          platform.log.warn(`The settings of the community are not stored yet: ${toFault(error).message}`);
          await wait(1000, closing.signal);
        }
      }
    };
    const remove = platform.intakes.addCommunity(guild, save());
    return {
      guild,
      stop: () => {
        closing.abort();
        remove();
      },
    };
  },
});

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
