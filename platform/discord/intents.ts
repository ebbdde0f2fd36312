import { ApplicationFlags, type GatewayIntentBits } from 'discord.js';

/** A gateway intent by discord.js' name, such as `GuildMembers`. */
export type IntentName = keyof typeof GatewayIntentBits;

/** The privileged intents with the flags of an application that has each, verified or not (Discord, Application Flags). */
const PRIVILEGED: Partial<Record<IntentName, number>> = {
  GuildPresences: ApplicationFlags.GatewayPresence | ApplicationFlags.GatewayPresenceLimited,
  GuildMembers: ApplicationFlags.GatewayGuildMembers | ApplicationFlags.GatewayGuildMembersLimited,
  MessageContent: ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited,
};

/** Which of `intents` are privileged. */
export function privilegedOf(intents: Iterable<IntentName>): IntentName[] {
  return [...new Set(intents)].filter((name) => PRIVILEGED[name] !== undefined);
}

/** Which of `intents` an application with these flags may not ask for. */
export function intentsNotAllowed(flags: number, intents: Iterable<IntentName>): IntentName[] {
  return privilegedOf(intents).filter((name) => (flags & (PRIVILEGED[name] ?? 0)) === 0);
}
