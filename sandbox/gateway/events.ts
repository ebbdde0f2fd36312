/** Gateway intents (docs: events/gateway, "List of Intents"). */
export const INTENT = {
  GUILDS: 1 << 0,
  GUILD_MEMBERS: 1 << 1,
  GUILD_MODERATION: 1 << 2,
  GUILD_WEBHOOKS: 1 << 5,
  GUILD_INVITES: 1 << 6,
  GUILD_VOICE_STATES: 1 << 7,
  GUILD_PRESENCES: 1 << 8,
  GUILD_MESSAGES: 1 << 9,
  GUILD_MESSAGE_REACTIONS: 1 << 10,
  GUILD_MESSAGE_TYPING: 1 << 11,
  DIRECT_MESSAGES: 1 << 12,
  DIRECT_MESSAGE_REACTIONS: 1 << 13,
  DIRECT_MESSAGE_TYPING: 1 << 14,
  MESSAGE_CONTENT: 1 << 15,
} as const;

/** The name of an intent's bit; null when it is none of those above. */
export function intentNamed(bit: number): string | null {
  return Object.keys(INTENT).find((name) => INTENT[name as keyof typeof INTENT] === bit) ?? null;
}

/** Every intent that exists today; others close the connection with 4013. */
export const ALL_INTENTS =
  Object.values(INTENT).reduce((bits, bit) => bits | bit, 0) |
  // emojis, integrations, scheduled events, auto moderation, polls
  [3, 4, 16, 20, 21, 24, 25].reduce((bits, bit) => bits | (1 << bit), 0);

const MESSAGES = { guild: INTENT.GUILD_MESSAGES, dm: INTENT.DIRECT_MESSAGES };
const REACTIONS = { guild: INTENT.GUILD_MESSAGE_REACTIONS, dm: INTENT.DIRECT_MESSAGE_REACTIONS };

/** The intent that an event needs in a guild and in a DM; 0 needs none, null is never sent there. */
export const EVENTS = {
  INTERACTION_CREATE: { guild: 0, dm: 0 },
  GUILD_CREATE: { guild: INTENT.GUILDS, dm: null },
  GUILD_UPDATE: { guild: INTENT.GUILDS, dm: null },
  GUILD_ROLE_CREATE: { guild: INTENT.GUILDS, dm: null },
  GUILD_ROLE_UPDATE: { guild: INTENT.GUILDS, dm: null },
  GUILD_ROLE_DELETE: { guild: INTENT.GUILDS, dm: null },
  CHANNEL_CREATE: { guild: INTENT.GUILDS, dm: null },
  CHANNEL_UPDATE: { guild: INTENT.GUILDS, dm: null },
  CHANNEL_DELETE: { guild: INTENT.GUILDS, dm: null },
  GUILD_MEMBER_ADD: { guild: INTENT.GUILD_MEMBERS, dm: null },
  GUILD_MEMBER_UPDATE: { guild: INTENT.GUILD_MEMBERS, dm: null },
  GUILD_MEMBER_REMOVE: { guild: INTENT.GUILD_MEMBERS, dm: null },
  GUILD_DELETE: { guild: INTENT.GUILDS, dm: null },
  GUILD_BAN_ADD: { guild: INTENT.GUILD_MODERATION, dm: null },
  GUILD_BAN_REMOVE: { guild: INTENT.GUILD_MODERATION, dm: null },
  CHANNEL_PINS_UPDATE: { guild: INTENT.GUILDS, dm: INTENT.DIRECT_MESSAGES },
  THREAD_CREATE: { guild: INTENT.GUILDS, dm: null },
  THREAD_UPDATE: { guild: INTENT.GUILDS, dm: null },
  THREAD_DELETE: { guild: INTENT.GUILDS, dm: null },
  THREAD_MEMBERS_UPDATE: { guild: INTENT.GUILDS, dm: null },
  VOICE_STATE_UPDATE: { guild: INTENT.GUILD_VOICE_STATES, dm: null },
  VOICE_SERVER_UPDATE: { guild: 0, dm: null },
  INVITE_CREATE: { guild: INTENT.GUILD_INVITES, dm: null },
  INVITE_DELETE: { guild: INTENT.GUILD_INVITES, dm: null },
  WEBHOOKS_UPDATE: { guild: INTENT.GUILD_WEBHOOKS, dm: null },
  MESSAGE_CREATE: MESSAGES,
  MESSAGE_UPDATE: MESSAGES,
  MESSAGE_DELETE: MESSAGES,
  MESSAGE_DELETE_BULK: MESSAGES,
  MESSAGE_REACTION_ADD: REACTIONS,
  MESSAGE_REACTION_REMOVE: REACTIONS,
  MESSAGE_REACTION_REMOVE_ALL: REACTIONS,
  MESSAGE_REACTION_REMOVE_EMOJI: REACTIONS,
  TYPING_START: { guild: INTENT.GUILD_MESSAGE_TYPING, dm: INTENT.DIRECT_MESSAGE_TYPING },
  USER_UPDATE: { guild: 0, dm: 0 },
} as const satisfies Record<string, { guild: number; dm: number | null }>;

export type EventName = keyof typeof EVENTS;

/** Gateway opcodes (docs: topics/opcodes-and-status-codes). */
export const OP = {
  DISPATCH: 0,
  HEARTBEAT: 1,
  IDENTIFY: 2,
  PRESENCE_UPDATE: 3,
  VOICE_STATE_UPDATE: 4,
  RESUME: 6,
  RECONNECT: 7,
  REQUEST_GUILD_MEMBERS: 8,
  INVALID_SESSION: 9,
  HELLO: 10,
  HEARTBEAT_ACK: 11,
} as const;

/** Close codes after which a session cannot be resumed. */
export const SESSION_ENDING_CODES: readonly number[] = [1000, 1001, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014];
