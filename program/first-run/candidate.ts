import type { Candidate, FlowName } from '../../pages/first-run/state.ts';
import type { Configuration, DiscordSettings } from '../../platform/configuration.ts';
import {
  type InspectedChannel,
  type InspectedRole,
  type Inspection,
  inspectDiscord,
} from '../../platform/discord/inspection.ts';
import { inviteLink } from '../../platform/discord/invite.ts';
import { examine, type Finding, textsIn } from '../../platform/doctor/index.ts';
import { isLive } from '../../platform/live.ts';
import { createNeeds, type DeployedNeed } from '../../platform/needs.ts';
import { readSavedSecret, readSavedSettings, type SavedSettings } from '../../platform/saved-settings.ts';
import type { Platform } from '../../platform/start.ts';

/** Text and announcement channels (Discord's channel types): where messages go. */
const TEXT_CHANNELS = new Set([0, 5]);
const CATEGORY = 4;

const NOBODY: Candidate = {
  bot: null,
  clientSecretEnd: '',
  publicKey: '',
  guild: null,
  guilds: [],
  invite: null,
  portal: '',
  channels: [],
  roles: [],
  names: { channels: [], roles: [] },
  testedChannel: '',
  findings: [],
};

/** A secret's last characters, by which its owner knows it again. */
const endOf = (secret: string | null): string => secret?.slice(-3) ?? '';

/** The settings of the bot that is being set up, or null while no token was given. */
export function savedBot(configuration: Configuration): (DiscordSettings & { saved: SavedSettings }) | null {
  const token = readSavedSecret(configuration.dataFolder, 'token');
  const saved = readSavedSettings(configuration.dataFolder);
  if (!token || !saved.applicationId) return null;
  return {
    saved,
    token,
    applicationId: saved.applicationId,
    guildId: saved.guildId,
    apiBase: saved.apiBase || configuration.firstRunApiBase,
    publicKey: saved.publicKey || null,
    clientSecret: readSavedSecret(configuration.dataFolder, 'clientSecret'),
  };
}

/** Looks at the bot that is being set up, with the same checks as the doctor's. */
export async function lookAtCandidate(
  configuration: Configuration,
  platform: Platform,
  languages: readonly string[],
): Promise<Candidate> {
  const bot = savedBot(configuration);
  if (!bot) return NOBODY;
  const { saved, token, applicationId, apiBase } = bot;
  const inspection = inspectDiscord(bot);
  const needs = needsOfFirstServer(platform);
  const permissions = [...new Set(needs.flatMap((need) => need.permissions ?? []))].sort();
  const [findings, self, application, guilds, server, here] = await Promise.all([
    examineBot(configuration, bot, needs, languages),
    inspection.self(),
    inspection.application(),
    inspection.guilds(),
    saved.guildId ? serverLists(inspection, saved.guildId) : null,
    namesHere(platform),
  ]);
  return {
    bot: {
      name: self.kind === 'done' ? self.value.username : '',
      avatar: self.kind === 'done' && isLive(apiBase) ? avatarOf(self.value) : null,
      tokenEnd: endOf(token),
      application: application.kind === 'done' ? application.value.name : '',
      applicationId,
    },
    clientSecretEnd: endOf(bot.clientSecret),
    publicKey: saved.publicKey,
    guild: server && { id: saved.guildId, name: server.name },
    guilds: guilds.kind === 'done' ? guilds.value.map(({ id, name }) => ({ id, name })) : [],
    invite: {
      link: inviteLink(applicationId, apiBase, permissions),
      permissions: textsIn(languages).permissions(permissions),
    },
    portal: isLive(apiBase) ? `https://discord.com/developers/applications/${applicationId}` : '',
    channels: server?.channels ?? [],
    roles: server?.roles ?? [],
    names: {
      channels: labelled(
        namesIn(needs, ({ channel }) => (channel ? [channel] : []), server?.channels ?? [], saved.channels),
        here,
      ),
      roles: labelled(rolesIn(needs, server?.roles ?? [], saved.roles), here),
    },
    testedChannel: saved.testedChannel,
    findings,
  };
}

/** What the flows ask of the first server: the demo's now, the chosen one later. */
function needsOfFirstServer({ needs, discordSettings }: Platform): DeployedNeed[] {
  return needs
    .all()
    .filter(({ guild }) => guild === undefined || guild === discordSettings.guildId)
    .map(({ guild: _demo, ...need }) => need);
}

async function examineBot(
  configuration: Configuration,
  bot: DiscordSettings & { saved: SavedSettings },
  deployed: DeployedNeed[],
  languages: readonly string[],
): Promise<Finding[]> {
  const { channels, roles } = bot.saved;
  const needs = createNeeds();
  needs.add(deployed);
  const findings = await examine(
    {
      configuration: { ...configuration, discord: bot, names: { channels, roles } },
      discordSettings: bot,
      needs,
      database: null,
      intakes: { communities: () => (bot.guildId ? [bot.guildId] : []) },
    },
    languages,
  );
  return findings.filter(({ area, id }) => area === 'bot' || (area === 'server' && bot.guildId && id));
}

async function serverLists(inspection: Inspection, id: string) {
  const [guild, channels] = await Promise.all([inspection.guild(id), inspection.channels(id)]);
  if (guild.kind !== 'done' || channels.kind !== 'done') return null;
  return {
    name: guild.value.name,
    channels: textChannels(channels.value),
    roles: rolesToChoose(id, guild.value.roles),
  };
}

function textChannels(channels: InspectedChannel[]) {
  const categories = new Map(channels.filter(({ type }) => type === CATEGORY).map(({ id, name }) => [id, name]));
  return channels
    .filter(({ type }) => TEXT_CHANNELS.has(type))
    .sort((a, b) => a.position - b.position)
    .map(({ id, name, parent_id }) => ({ id, name, category: categories.get(parent_id ?? '') ?? '' }));
}

/** Roles that a person can have: not everyone's, and none that belong to a bot. */
function rolesToChoose(guild: string, roles: InspectedRole[]) {
  return roles
    .filter(({ id, managed }) => id !== guild && !managed)
    .sort((a, b) => b.position - a.position)
    .map(({ id, name }) => ({ id, name }));
}

/** What the ids that flows hold are called where the flows run now: in the demo, or in the live server. */
async function namesHere({ discord, discordSettings: { guildId } }: Platform): Promise<Map<string, string>> {
  const lists = await Promise.all([discord.channels(guildId), discord.roles(guildId)]);
  const known = lists.flatMap((outcome): { id: string; name: string }[] =>
    outcome.kind === 'done' ? outcome.value : [],
  );
  return new Map(known.map(({ id, name }) => [id, name]));
}

const labelled = (names: FlowName[], here: Map<string, string>): FlowName[] =>
  names.map((flowName) => ({ ...flowName, label: here.get(flowName.name) ?? flowName.name }));

/** Of the roles that decide, one is enough; those that flows give and take are all needed. */
function rolesIn(needs: DeployedNeed[], there: { id: string; name: string }[], chosen: Record<string, string>) {
  const deciding = namesIn(needs, ({ namesRoles = [] }) => namesRoles, there, chosen);
  const someDecides = deciding.some(({ id }) => id);
  const moved = namesIn(needs, ({ movesRoles = [] }) => movesRoles, there, chosen);
  const others = deciding.filter(({ name }) => !moved.some((role) => role.name === name));
  return [...others.map((role) => ({ ...role, needed: !someDecides })), ...moved];
}

function namesIn(
  needs: DeployedNeed[],
  namesOf: (need: DeployedNeed) => readonly string[],
  there: { id: string; name: string }[],
  chosen: Record<string, string>,
): FlowName[] {
  const found = new Map<string, FlowName>();
  for (const need of needs) {
    for (const name of namesOf(need)) {
      const wanted = Object.hasOwn(chosen, name) ? chosen[name] : name;
      const id = there.find((thing) => thing.id === wanted || thing.name === wanted)?.id ?? '';
      const known = found.get(name) ?? { name, label: name, nodes: [], id, needed: true };
      found.set(name, { ...known, nodes: [...known.nodes, need.node.name || need.node.type] });
    }
  }
  return [...found.values()];
}

/** https://discord.com/developers/docs/reference#image-formatting */
function avatarOf({ id, avatar }: { id: string; avatar: string | null }): string | null {
  return avatar ? `https://cdn.discordapp.com/avatars/${id}/${avatar}.png?size=128` : null;
}
