/** Gateway intents (docs: events/gateway, "List of Intents"). */
export const INTENT = {
  GUILDS: 1 << 0,
  GUILD_MEMBERS: 1 << 1,
  GUILD_MODERATION: 1 << 2,
  GUILD_PRESENCES: 1 << 8,
  GUILD_MESSAGES: 1 << 9,
  GUILD_MESSAGE_TYPING: 1 << 11,
  DIRECT_MESSAGES: 1 << 12,
  DIRECT_MESSAGE_TYPING: 1 << 14,
  MESSAGE_CONTENT: 1 << 15,
} as const;

/** Every intent that exists today; others close the connection with 4013. */
export const ALL_INTENTS =
  Object.values(INTENT).reduce((bits, bit) => bits | bit, 0) |
  // emojis, integrations, webhooks, invites, voice states, reactions (guild, DM), scheduled events, auto moderation, polls
  [3, 4, 5, 6, 7, 10, 13, 16, 20, 21, 24, 25].reduce((bits, bit) => bits | (1 << bit), 0);

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
  MESSAGE_CREATE: { guild: INTENT.GUILD_MESSAGES, dm: INTENT.DIRECT_MESSAGES },
  MESSAGE_UPDATE: { guild: INTENT.GUILD_MESSAGES, dm: INTENT.DIRECT_MESSAGES },
  MESSAGE_DELETE: { guild: INTENT.GUILD_MESSAGES, dm: INTENT.DIRECT_MESSAGES },
  TYPING_START: { guild: INTENT.GUILD_MESSAGE_TYPING, dm: INTENT.DIRECT_MESSAGE_TYPING },
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
