import type { JsonObject } from '../json.ts';
import { channelsOf, threadsOf } from '../payloads/channels.ts';
import { commandObject } from '../payloads/commands.ts';
import { membersOf } from '../payloads/people.ts';
import { FLAG } from '../rules/message.ts';
import { memberKey, rolesOf } from '../rules/permissions.ts';
import type { Guild, Message } from '../state/model.ts';
import type { World } from '../world.ts';
import { applicationView } from './application.ts';
import { listFaults } from './fault-kinds.ts';

/** How many messages of a channel are shown. */
const NEWEST = 200;

/** A message as people see it; `ephemeralFor` names its only reader. */
export function messageView(world: World, message: Message): JsonObject {
  const { store } = world;
  const reader = message.ephemeral_for;
  return {
    id: message.id,
    channel: message.channel_id,
    author: message.webhook_author?.username ?? store.get('users', message.author_id)?.username ?? message.author_id,
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    ephemeralFor: reader === null ? null : (store.get('users', reader)?.username ?? reader),
    attachments: message.attachments,
    createdAt: message.timestamp,
    editedAt: message.edited_timestamp,
    flags: message.flags,
    thinking: (message.flags & FLAG.LOADING) !== 0,
    mentions: message.mentions,
    mention_roles: message.mention_roles,
    mention_everyone: message.mention_everyone,
    command: message.interaction?.name ?? null,
    type: message.type,
    pinned: message.pinned,
    reactions: (message.reactions ?? []).map(({ emoji, users }) => ({
      emoji,
      users: users.map((id) => store.get('users', id)?.username ?? id),
    })),
  };
}

/** The newest messages of a channel, oldest first. */
export function messagesView(world: World, channelId: string): JsonObject[] {
  return world.store
    .messagesOf(channelId)
    .slice(-NEWEST)
    .map((message) => messageView(world, message));
}

/** Everything, as `GET /sandbox/state` answers it for one guild. */
export function stateView(world: World, guild: Guild): JsonObject {
  const { store } = world;
  return {
    application: applicationView(world),
    guild: { id: guild.id, name: guild.name },
    guilds: store.all('guilds').map((other) => ({ id: other.id, name: other.name, ...guildView(world, other, false) })),
    ...guildView(world, guild, true),
    commands: store.all('commands').map(commandObject),
    connected: world.gateway.connected,
    sessionStarts: world.limits.sessionStarts,
    invalidRequests: world.limits.invalidRequests,
    faults: listFaults(world),
  };
}

function guildView(world: World, guild: Guild, whole: boolean): JsonObject {
  const { store } = world;
  const roles = rolesOf(store, guild.id);
  const dms = new Map(store.all('channels').map((channel) => [channel.recipient_id, channel.id]));
  return {
    roles: roles.map(({ id, name, position, color, managed }) => ({ id, name, position, color, managed })),
    channels: [...channelsOf(store, guild.id), ...threadsOf(store, guild.id)].map((channel) => ({
      id: channel.id,
      name: channel.name,
      type: channel.type,
      parent: channel.parent_id,
      ...(channel.thread === undefined ? {} : { archived: channel.thread.archived, locked: channel.thread.locked }),
      ...(whole ? { messages: messagesView(world, channel.id) } : {}),
    })),
    members: membersOf(store, guild.id).map((member) => {
      const user = store.get('users', member.user_id);
      const dm = dms.get(member.user_id);
      return {
        id: member.user_id,
        username: user?.username ?? member.user_id,
        name: member.nick ?? user?.global_name ?? user?.username ?? member.user_id,
        bot: user?.bot ?? false,
        roles: roles.filter(({ id }) => member.roles.includes(id)).map(({ name }) => name),
        voice: store.get('voiceStates', memberKey(guild.id, member.user_id))?.channel_id ?? null,
        dmsClosed: store.get('closedDms', member.user_id) !== undefined,
        ...(whole ? { dmChannel: dm ?? null, dms: dm === undefined ? [] : messagesView(world, dm) } : {}),
      };
    }),
  };
}
