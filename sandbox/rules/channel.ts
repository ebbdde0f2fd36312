/** Channel types (docs: resources/channel, "Channel Types"). */
export const CHANNEL = {
  TEXT: 0,
  DM: 1,
  VOICE: 2,
  CATEGORY: 4,
  ANNOUNCEMENT: 5,
  ANNOUNCEMENT_THREAD: 10,
  PUBLIC_THREAD: 11,
  PRIVATE_THREAD: 12,
  STAGE: 13,
  FORUM: 15,
} as const;

const within = (...types: number[]) => {
  const known = new Set(types);
  return (channel: { type: number }): boolean => known.has(channel.type);
};

/** Channels that members can talk in by voice. */
export const isVoice = within(CHANNEL.VOICE, CHANNEL.STAGE);
export const isThread = within(CHANNEL.ANNOUNCEMENT_THREAD, CHANNEL.PUBLIC_THREAD, CHANNEL.PRIVATE_THREAD);
/** Channels that hold messages of their own. */
export const holdsMessages = within(
  CHANNEL.TEXT,
  CHANNEL.DM,
  CHANNEL.VOICE,
  CHANNEL.ANNOUNCEMENT,
  CHANNEL.ANNOUNCEMENT_THREAD,
  CHANNEL.PUBLIC_THREAD,
  CHANNEL.PRIVATE_THREAD,
  CHANNEL.STAGE,
);
/** Channels that a bot can make (docs: resources/guild, "Create Guild Channel"). */
export const canBeMade = within(
  CHANNEL.TEXT,
  CHANNEL.VOICE,
  CHANNEL.CATEGORY,
  CHANNEL.ANNOUNCEMENT,
  CHANNEL.STAGE,
  CHANNEL.FORUM,
);
/** Channels that webhooks can write in. */
export const takesWebhooks = within(CHANNEL.TEXT, CHANNEL.VOICE, CHANNEL.ANNOUNCEMENT, CHANNEL.STAGE, CHANNEL.FORUM);
