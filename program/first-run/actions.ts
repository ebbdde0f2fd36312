import { z } from 'zod';
import type { Candidate, FlowName } from '../../pages/first-run/state.ts';
import type { Configuration } from '../../platform/configuration.ts';
import { type Inspection, inspectDiscord } from '../../platform/discord/inspection.ts';
import type { Outcome } from '../../platform/discord/outcomes.ts';
import { readSavedSettings, type SavedSettings, saveSecret, saveSettings } from '../../platform/saved-settings.ts';
import { savedBot } from './candidate.ts';

/** A "no" of the first run: the page has the words for its code. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: string;
  readonly values: Record<string, string>;
  constructor(code: string, values: Record<string, string> = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/** Findings that must not be problems when a server goes live: without these nothing works at all. */
const NEEDED = new Set(['token', 'application', 'public-key', 'endpoint', 'server']);

/** Discord's shape of a token; what Discord itself says decides. */
const TOKEN = /^[\w-]{10,}\.[\w-]+\.[\w-]+$/;

const snowflake = z.string().regex(/^\d{17,20}$/);

export interface ActionContext {
  configuration: Configuration;
  body: unknown;
  /** The candidate as it is now. */
  look(): Promise<Candidate>;
}

/** What the page can do, by the last part of its path. Each answers with what the page needs besides the new state. */
export const ACTIONS: Record<string, (context: ActionContext) => Promise<object | undefined>> = {
  token: async ({ configuration, body }) => {
    const { token: given } = read(z.object({ token: z.string().max(200) }), body);
    const token = given.trim().replace(/^Bot\s+/i, '');
    if (!TOKEN.test(token)) throw new Refused('token-shape');
    const apiBase = configuration.firstRunApiBase;
    const inspection = inspectDiscord({ token, apiBase });
    const self = await inspection.self();
    if (self.kind === 'stop') throw new Refused('token-refused');
    answered(self);
    const { id: applicationId, verify_key: publicKey } = answered(await inspection.application());
    const { dataFolder } = configuration;
    const before = readSavedSettings(dataFolder);
    const another = before.applicationId !== applicationId;
    if (before.live && another) throw new Refused('another-application');
    saveSecret(dataFolder, 'token', token);
    if (another) saveSecret(dataFolder, 'clientSecret', null);
    const anew = { guildId: '', channels: {}, roles: {}, testedChannel: '' };
    saveSettings(dataFolder, { applicationId, publicKey, apiBase, failure: '', ...(another && anew) });
    return undefined;
  },

  'client-secret': async ({ configuration, body }) => {
    const { secret: given } = read(z.object({ secret: z.string().max(200) }), body);
    const { applicationId, inspection } = botOf(configuration);
    const secret = given.trim();
    if (!secret) throw new Refused('secret-empty');
    const outcome = await inspection.clientSecret(applicationId, secret);
    if (outcome.kind === 'admin') throw new Refused('secret-refused');
    answered(outcome);
    saveSecret(configuration.dataFolder, 'clientSecret', secret);
    return undefined;
  },

  guild: async ({ configuration, body, look }) => {
    const { guild } = read(z.object({ guild: snowflake }), body);
    const { inspection, saved } = botOf(configuration);
    if (saved.live) throw new Refused('is-live');
    const guilds = answered(await inspection.guilds());
    if (!guilds.some(({ id }) => id === guild)) throw new Refused('guild-unknown');
    if (guild !== saved.guildId) {
      saveSettings(configuration.dataFolder, { guildId: guild, channels: {}, roles: {}, testedChannel: '' });
      saveSettings(configuration.dataFolder, namesakes(await look()));
    }
    return undefined;
  },

  name: async ({ configuration, body, look }) => {
    const shape = z.object({ kind: z.enum(['channels', 'roles']), name: z.string().max(100), id: snowflake });
    const { kind, name, id } = read(shape, body);
    const { saved } = botOf(configuration);
    const candidate = await look();
    const there = candidate[kind].find((thing) => thing.id === id);
    if (!there || !candidate.names[kind].some((known) => known.name === name)) throw new Refused('name-unknown');
    const { [name]: _before, ...others } = saved[kind];
    // What has the name that flows use needs no entry.
    saveSettings(configuration.dataFolder, { [kind]: there.name === name ? others : { ...others, [name]: id } });
    return undefined;
  },

  channel: async ({ configuration, body, look }) => {
    const { name } = read(z.object({ name: z.string().min(1).max(100) }), body);
    const { inspection, saved } = botOf(configuration);
    const { names } = await look();
    const wanted = names.channels.find((known) => known.name === name);
    if (!saved.guildId || !wanted) throw new Refused('name-unknown');
    // Made by another tab meanwhile.
    if (wanted.id) return undefined;
    const created = await inspection.createTextChannel(saved.guildId, wanted.label);
    if (created.kind === 'admin') throw new Refused('channel-not-permitted', { channel: wanted.label });
    const { id, name: called } = answered(created);
    const { [name]: _before, ...others } = saved.channels;
    // Discord may have changed the name: no capitals, no spaces.
    saveSettings(configuration.dataFolder, { channels: called === name ? others : { ...others, [name]: id } });
    return undefined;
  },

  test: async ({ configuration, body, look }) => {
    const { channel, text } = read(z.object({ channel: snowflake, text: z.string().min(1).max(500) }), body);
    const { inspection, apiBase, saved } = botOf(configuration);
    const { channels } = await look();
    const there = channels.find(({ id }) => id === channel);
    if (!there) throw new Refused('name-unknown');
    const sent = await inspection.sendText(channel, text);
    if (sent.kind === 'admin') throw new Refused('message-not-permitted', { channel: there.name });
    const message = answered(sent);
    saveSettings(configuration.dataFolder, { testedChannel: channel });
    const link = new URL(`/channels/${saved.guildId}/${channel}/${message.id}`, new URL(apiBase).origin).href;
    return { sent: { content: message.content, author: message.author.username, channel: there.name, link } };
  },

  live: async ({ configuration, look }) => {
    const { saved } = botOf(configuration);
    if (configuration.discordFrom === 'environment') throw new Refused('environment');
    if (configuration.databaseUrl && !saved.live) throw new Refused('database-url');
    const { guild, findings } = await look();
    if (!guild) throw new Refused('guild-missing');
    const wrong = findings.find(({ id, state }) => state === 'problem' && NEEDED.has(id.split(':')[0] ?? ''));
    if (wrong) throw new Refused('not-ready', { title: wrong.title, fix: wrong.fix });
    saveSettings(configuration.dataFolder, { live: true, untried: true, failure: '' });
    return { restart: true };
  },

  demo: async ({ configuration }) => {
    if (configuration.discordFrom === 'environment') throw new Refused('environment');
    saveSettings(configuration.dataFolder, { live: false, untried: false, failure: '' });
    return { restart: true };
  },

  forget: async ({ configuration }) => {
    const { dataFolder } = configuration;
    if (readSavedSettings(dataFolder).live) throw new Refused('is-live');
    for (const secret of ['token', 'clientSecret'] as const) saveSecret(dataFolder, secret, null);
    const nothing = { applicationId: '', publicKey: '', apiBase: '', guildId: '', testedChannel: '', failure: '' };
    saveSettings(dataFolder, { ...nothing, channels: {}, roles: {} });
    return undefined;
  },
};

/** Where flows hold the demo's ids: what has the same name in the chosen server. */
function namesakes({ names, channels, roles }: Candidate): Pick<SavedSettings, 'channels' | 'roles'> {
  const found = (wanted: FlowName[], there: { id: string; name: string }[]) =>
    Object.fromEntries(
      wanted.flatMap(({ name, label, id }) => {
        const namesake = id ? undefined : there.find((thing) => thing.name === label);
        return namesake ? [[name, namesake.id]] : [];
      }),
    );
  return { channels: found(names.channels, channels), roles: found(names.roles, roles) };
}

function botOf(configuration: Configuration) {
  const bot = savedBot(configuration);
  if (!bot) throw new Refused('token-missing');
  const inspection: Inspection = inspectDiscord(bot);
  return { ...bot, inspection };
}

function read<T>(shape: z.ZodType<T>, body: unknown): T {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refused('not-understood', { field: parsed.error.issues[0]?.path.join('.') ?? '' });
}

function answered<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'done') return outcome.value;
  if (outcome.kind === 'stop') throw new Refused('token-refused');
  throw new Refused('discord', { reason: outcome.message });
}
