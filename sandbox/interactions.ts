import { randomBytes } from 'node:crypto';
import type { JsonObject } from './json.ts';
import { channelObject, resolvedChannel } from './payloads/channels.ts';
import { roleObject } from './payloads/guilds.ts';
import { messageEvent, messageObject } from './payloads/messages.ts';
import { memberObject, partialMember, userOf } from './payloads/people.ts';
import { channelPermissions, DM_PERMISSIONS, memberKey } from './rules/permissions.ts';
import type { AnsweredInteraction, Channel, Interaction, Message } from './state/model.ts';
import { scaled, type World } from './world.ts';

/** Interaction types (docs: interactions/receiving-and-responding). */
export const INTERACTION = { COMMAND: 2, COMPONENT: 3, AUTOCOMPLETE: 4, MODAL_SUBMIT: 5 } as const;

/** An initial answer is taken for so long; the token serves for so long. */
export const ANSWER_MS = 3000;
export const TOKEN_MS = 15 * 60_000;
const KEPT = 50_000;

export interface NewInteraction {
  type: number;
  userId: string;
  channel: Channel;
  data: JsonObject;
  commandName?: string;
  source?: Message | undefined;
  /** The interaction that opened the modal which this submits. */
  opener?: Interaction;
}

/** Records an interaction of a member and sends INTERACTION_CREATE. */
export function createInteraction(world: World, { type, userId, channel, data, ...rest }: NewInteraction): Interaction {
  const id = world.newId();
  const interaction: Interaction = {
    id,
    token: Buffer.from(`interaction:${id}:${randomBytes(48).toString('base64url')}`).toString('base64url'),
    type,
    user_id: userId,
    guild_id: channel.guild_id,
    channel_id: channel.id,
    created: world.clock.now(),
    data,
    ...(rest.commandName === undefined ? {} : { command_name: rest.commandName }),
    source_id: rest.source?.id ?? null,
    ...(rest.opener === undefined ? {} : { opener: answeredInteraction(rest.opener) }),
    callback: null,
    acknowledged: null,
    answered: null,
    original_id: null,
    ephemeral: false,
    followups: [],
    modal: null,
    modal_open: false,
    choices: null,
  };
  world.store.put('interactions', id, interaction);
  deliver(world, interaction);
  forgetOld(world);
  return interaction;
}

/** What messages keep of the interaction that they answer. */
export function answeredInteraction(interaction: Interaction): AnsweredInteraction {
  const { id, type, user_id, command_name: name, source_id: source, opener, data } = interaction;
  const target = typeof data.target_id === 'string' ? { target_id: data.target_id } : {};
  return {
    id,
    type,
    user_id,
    ...(name === undefined ? {} : { name, command_type: Number(data.type), ...target }),
    ...(source === null ? {} : { triggering: source }),
    ...(opener === undefined ? {} : { opener }),
  };
}

/** Sends an interaction to the application, again when it was sent before. */
export function deliver(world: World, interaction: Interaction): void {
  const payload = interactionObject(world, interaction);
  if (world.endpoint.post(world, interaction, payload)) return;
  world.gateway.dispatch('INTERACTION_CREATE', payload, { guildId: interaction.guild_id });
}

/** Changes a recorded interaction and returns it as it is then. */
export function updateInteraction(world: World, id: string, change: Partial<Interaction>): Interaction | undefined {
  const interaction = world.store.get('interactions', id);
  if (interaction === undefined) return undefined;
  const changed = { ...interaction, ...change };
  world.store.put('interactions', id, changed);
  return changed;
}

/** The payload of INTERACTION_CREATE (docs: "Interaction Object"). */
function interactionObject(world: World, interaction: Interaction): JsonObject {
  const { store, bot, application } = world;
  const channel = store.get('channels', interaction.channel_id);
  const guild = interaction.guild_id === null ? undefined : store.get('guilds', interaction.guild_id);
  const member = guild && store.get('members', memberKey(guild.id, interaction.user_id));
  const botMember = guild && store.get('members', memberKey(guild.id, bot.id));
  const source = interaction.source_id === null ? undefined : store.get('messages', interaction.source_id);
  const appBits = channel && botMember ? channelPermissions(store, botMember, channel) : DM_PERMISSIONS;
  const who =
    member && channel
      ? { member: { ...memberObject(store, member), permissions: String(channelPermissions(store, member, channel)) } }
      : { user: userOf(store, interaction.user_id) };
  const where = guild && {
    guild_id: guild.id,
    guild: { id: guild.id, locale: guild.preferred_locale, features: [] },
    guild_locale: guild.preferred_locale,
  };
  const place = channel && (guild ? resolvedChannel(store, channel, member) : channelObject(store, channel));
  return {
    id: interaction.id,
    application_id: application.id,
    type: interaction.type,
    token: interaction.token,
    version: 1,
    data: interaction.data,
    channel_id: interaction.channel_id,
    ...(place ? { channel: place } : {}),
    ...where,
    ...who,
    ...(source ? { message: messageEventOrEphemeral(world, source) } : {}),
    locale: store.get('users', interaction.user_id)?.locale ?? 'en-US',
    app_permissions: String(appBits),
    entitlements: [],
    entitlement_sku_ids: [],
    authorizing_integration_owners: { 0: guild?.id ?? '0' },
    context: guild ? 0 : 1,
    attachment_size_limit: 10_485_760,
  };
}

function messageEventOrEphemeral(world: World, message: Message): JsonObject {
  const { member: _, guild_id: __, channel_type: ___, ...event } = messageEvent(world.store, message);
  return event;
}

/** Ids that an interaction's data refers to, as Discord's `resolved` (docs: "Resolved Data Structure"). */
export function resolved(
  world: World,
  guildId: string | null,
  ids: { users?: string[]; roles?: string[]; channels?: string[]; messages?: string[] },
): JsonObject | undefined {
  const { store } = world;
  const entries: [string, [string, JsonObject][]][] = [
    ['users', (ids.users ?? []).map((id) => [id, userOf(store, id)])],
    [
      'members',
      (ids.users ?? []).flatMap((id): [string, JsonObject][] => {
        const member = guildId === null ? undefined : store.get('members', memberKey(guildId, id));
        const channel = store.all('channels').find((candidate) => candidate.guild_id === guildId);
        if (member === undefined || channel === undefined) return [];
        return [[id, { ...partialMember(member), permissions: String(channelPermissions(store, member, channel)) }]];
      }),
    ],
    [
      'roles',
      (ids.roles ?? []).flatMap((id): [string, JsonObject][] => {
        const role = store.get('roles', id);
        return role === undefined ? [] : [[id, roleObject(role)]];
      }),
    ],
    [
      'channels',
      (ids.channels ?? []).flatMap((id): [string, JsonObject][] => {
        const channel = store.get('channels', id);
        return channel === undefined ? [] : [[id, resolvedChannel(store, channel, undefined)]];
      }),
    ],
    [
      'messages',
      (ids.messages ?? []).flatMap((id): [string, JsonObject][] => {
        const message = store.get('messages', id);
        return message === undefined ? [] : [[id, messageObject(store, message)]];
      }),
    ],
  ];
  const filled = entries.filter(([, objects]) => objects.length > 0);
  if (filled.length === 0) return undefined;
  return Object.fromEntries(filled.map(([name, objects]) => [name, Object.fromEntries(objects)]));
}

export function answerIsLate(world: World, interaction: Interaction): boolean {
  return world.clock.now() - interaction.created > scaled(world, ANSWER_MS);
}

export function tokenIsOver(world: World, interaction: Interaction): boolean {
  return world.clock.now() - interaction.created > scaled(world, TOKEN_MS);
}

/** Interactions whose token is over are of no use to anyone; there are never more than `KEPT`. */
function forgetOld(world: World): void {
  const size = world.store.size('interactions');
  if (size < KEPT && size % 1000 !== 0) return;
  const all = world.store.all('interactions');
  const surplus = size < KEPT ? 0 : KEPT / 10;
  for (const [index, interaction] of all.entries()) {
    const over = world.clock.now() - interaction.created > 2 * TOKEN_MS;
    if (index < surplus || over) world.store.remove('interactions', interaction.id);
  }
}

/**
 * Waits until `ready` says so; it is asked again whenever the interaction or the message that it came from changes.
 * Returns false when `ms` pass first.
 */
export function until(world: World, interaction: Interaction, ms: number, ready: () => boolean): Promise<boolean> {
  if (ready()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const ends: (() => void)[] = [];
    const end = (result: boolean) => {
      for (const stop of ends) stop();
      resolve(result);
    };
    const ask = () => {
      if (ready()) end(true);
    };
    ends.push(world.clock.after(ms, () => end(ready())));
    ends.push(world.store.watch(`interactions:${interaction.id}`, ask));
    if (interaction.source_id !== null) ends.push(world.store.watch(`messages:${interaction.source_id}`, ask));
  });
}
