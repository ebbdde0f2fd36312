import type { Configuration, DiscordSettings } from '../configuration.ts';
import type { Database } from '../database/index.ts';
import {
  type InspectedApplication,
  type InspectedChannel,
  type InspectedGuild,
  type InspectedRole,
  type InspectedUser,
  type Inspection,
  inspectDiscord,
} from '../discord/inspection.ts';
import { inviteLink } from '../discord/invite.ts';
import type { Outcome } from '../discord/outcomes.ts';
import type { PermissionFacts, PermissionName } from '../discord/permissions.ts';
import type { Gate } from '../gate.ts';
import type { Intakes } from '../intakes.ts';
import type { DeployedNeed, Needs } from '../needs.ts';
import type { Registration } from '../registration.ts';
import type { StatusSource } from '../status.ts';
import { Silent } from './check.ts';
import type { Texts } from './texts.ts';

/** What of a platform is examined. The later ones are missing where the program does not run. */
export interface Examined {
  configuration: Configuration;
  /** null where there is no bot to ask, such as a demo that does not run. */
  discordSettings: DiscordSettings | null;
  needs: Pick<Needs, 'all' | 'intents'>;
  /** null where it does not answer, which is said elsewhere. */
  database: Database | null;
  intakes?: Pick<Intakes, 'communities'>;
  registration?: Pick<Registration, 'registered' | 'problems'>;
  gate?: Pick<Gate, 'flowsRun'>;
  status?: Pick<StatusSource, 'current'>;
}

/** A server as the bot finds it. */
export interface ServerLook {
  guild: InspectedGuild;
  channels: InspectedChannel[];
  /** What decides about the bot's permissions there. */
  facts: PermissionFacts;
  /** The role that Discord made for the bot, or else its highest. */
  botRole: InspectedRole | undefined;
  /** The position of its highest role: it moves only roles below. */
  topPosition: number;
  /** What deployed nodes ask of this server. */
  needs: DeployedNeed[];
}

/** One look at everything, shared by all checks. */
export interface Look extends Examined {
  /** The words of the reader's language. */
  texts: Texts;
  /** The bot's settings. @throws Silent where there is no bot */
  bot(): DiscordSettings;
  /** Discord's answers as they come. @throws Silent where there is no bot */
  ask(): Inspection;
  /** Each throws Silent where Discord does not say: another check tells why. */
  self(): Promise<InspectedUser>;
  application(): Promise<InspectedApplication>;
  server(guild: string): Promise<ServerLook>;
  /** The guilds that the flows work in. */
  servers(): string[];
  /** Every permission that the deployed flows need anywhere. */
  permissions(): PermissionName[];
  inviteLink(): string;
}

export function lookAt(examined: Examined, texts: Texts): Look {
  const { discordSettings, needs } = examined;
  const inspection = discordSettings ? inspectDiscord(discordSettings) : null;
  const ask = (): Inspection => inspection ?? silent();
  const bot = (): DiscordSettings => discordSettings ?? silent();
  const self = async () => valueOrSilence(await ask().self());
  const home = discordSettings?.guildId;
  const servers = () => {
    const deployed = examined.intakes?.communities() ?? needs.all().flatMap(({ guild }) => guild ?? home ?? []);
    return deployed.length > 0 || !home ? [...new Set(deployed)] : [home];
  };
  const permissions = () => [...new Set(needs.all().flatMap((need) => need.permissions ?? []))].sort();
  return {
    ...examined,
    texts,
    bot,
    ask,
    self,
    application: async () => valueOrSilence(await ask().application()),
    server: async (id) => {
      const own = (await self()).id;
      const [ofGuild, ofChannels, ofMember] = await Promise.all([
        ask().guild(id),
        ask().channels(id),
        ask().member(id, own),
      ]);
      const guild = valueOrSilence(ofGuild);
      const channels = valueOrSilence(ofChannels);
      const member = valueOrSilence(ofMember);
      const held = guild.roles.filter((role) => member.roles.includes(role.id)).sort((a, b) => b.position - a.position);
      return {
        guild,
        channels,
        facts: { guild, roles: guild.roles, member: { id: own, roles: member.roles } },
        botRole: held.find(({ tags }) => tags?.bot_id === own) ?? held[0],
        topPosition: held[0]?.position ?? 0,
        needs: needs.all().filter((need) => need.guild === undefined || need.guild === id),
      };
    },
    servers,
    permissions,
    inviteLink: () => inviteLink(bot().applicationId, bot().apiBase, permissions()),
  };
}

function valueOrSilence<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Silent();
  return outcome.value;
}

function silent(): never {
  throw new Silent();
}
