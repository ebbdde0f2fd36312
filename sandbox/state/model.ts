import type { JsonObject } from '../json.ts';
import type { Ban, Channel, Guild, Invite, Member, Role, ThreadMember, VoiceState, Webhook } from './guild.ts';

export type * from './guild.ts';

/** What the sandbox remembers. Field names are Discord's where the thing is Discord's. */
export interface Application {
  id: string;
  name: string;
  botToken: string;
  clientSecret: string;
  publicKey: string;
  /** The Ed25519 key that signs interactions sent over HTTP (PKCS #8, base64). */
  privateKey: string;
  /** Where people may be sent back to after consenting; none yet means anywhere on this machine. */
  redirect_uris?: string[];
  /** What the application set itself (docs: "Edit Current Application"). */
  settings?: JsonObject;
  /** Role connection metadata records. */
  role_connections_metadata?: JsonObject[];
}

/** A consent that the application has not collected yet. */
export interface AuthorizationCode {
  user_id: string;
  scopes: string[];
  redirect_uri: string;
  /** PKCE (RFC 7636). */
  challenge: string | null;
  challenge_method: 'S256' | 'plain';
  expires: number;
  used: boolean;
}

/** A token that a person gave the application. */
export interface OAuthToken {
  kind: 'access' | 'refresh';
  user_id: string;
  scopes: string[];
  /** Milliseconds since 1970; null never ends. */
  expires: number | null;
}

export interface User {
  id: string;
  username: string;
  global_name: string | null;
  bot: boolean;
  locale: string;
}

/** The users who reacted to a message with one emoji, in that order. */
export interface Reaction {
  emoji: string;
  users: string[];
}

/** The interaction that a message answers. */
export interface AnsweredInteraction {
  id: string;
  type: number;
  user_id: string;
  name?: string;
  /** Of a command: its type, and whom or which message it was used on. */
  command_type?: number;
  target_id?: string;
  /** The message whose component was used. */
  triggering?: string;
  /** Of a modal's submission the interaction that opened it. */
  opener?: AnsweredInteraction;
}

export interface Message {
  id: string;
  channel_id: string;
  guild_id: string | null;
  author_id: string;
  type: number;
  content: string;
  embeds: JsonObject[];
  components: JsonObject[];
  attachments: JsonObject[];
  mentions: string[];
  mention_roles: string[];
  mention_everyone: boolean;
  tts: boolean;
  timestamp: string;
  edited_timestamp: string | null;
  flags: number;
  pinned: boolean;
  pinned_at?: string;
  reactions?: Reaction[];
  nonce?: string | number;
  webhook_id?: string;
  /** The name and avatar that a webhook wrote under. */
  webhook_author?: { username: string; avatar: string | null; avatar_url: string | null };
  application_id?: string;
  message_reference?: { message_id?: string; channel_id: string; guild_id?: string };
  interaction?: AnsweredInteraction;
  /** The only user who sees an ephemeral message. */
  ephemeral_for: string | null;
}

export interface Command {
  id: string;
  application_id: string;
  guild_id: string | null;
  version: string;
  type: number;
  name: string;
  name_localizations: JsonObject | null;
  description: string;
  description_localizations: JsonObject | null;
  options: CommandOption[];
  default_member_permissions: string | null;
  dm_permission: boolean;
  contexts: number[] | null;
  integration_types: number[];
  nsfw: boolean;
}

export interface CommandOption {
  type: number;
  name: string;
  description: string;
  name_localizations?: JsonObject | null;
  description_localizations?: JsonObject | null;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string | number; name_localizations?: JsonObject | null }[];
  options?: CommandOption[];
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  channel_types?: number[];
}

export interface Interaction {
  id: string;
  token: string;
  /** 2 command, 3 component, 4 autocomplete, 5 modal submit. */
  type: number;
  user_id: string;
  guild_id: string | null;
  channel_id: string;
  created: number;
  data: JsonObject;
  command_name?: string;
  /** The message whose component was used, here or before the modal that this submits. */
  source_id: string | null;
  /** Of a modal's submission the interaction that opened it. */
  opener?: AnsweredInteraction;
  /** The callback type that acknowledged it and when; null until then. */
  callback: number | null;
  acknowledged: number | null;
  /** When the member first saw the outcome. */
  answered: number | null;
  /** The message that `@original` means. */
  original_id: string | null;
  ephemeral: boolean;
  followups: string[];
  modal: JsonObject | null;
  /** False once the modal that it opened was submitted. */
  modal_open: boolean;
  choices: JsonObject[] | null;
}

/** What was made wrong about the bot on purpose in a guild, with what mends it. */
export interface Handicap {
  guild_id: string;
  /** Names of the permissions that the bot lacks. */
  permissions: string[];
  /** The permissions that the bot's roles had before, by role. */
  roles: Record<string, string>;
  /** The bits that its role is denied for that, by channel. */
  denied: Record<string, string>;
  /** Roles that were moved above the bot's, with the role that each stood on before. */
  raised: { role_id: string; below_id: string }[];
}

export interface Collections {
  application: Application;
  users: User;
  guilds: Guild;
  roles: Role;
  channels: Channel;
  members: Member;
  messages: Message;
  commands: Command;
  interactions: Interaction;
  /** Settings of the sandbox itself, such as whose DMs are closed. */
  closedDms: { user_id: string };
  handicaps: Handicap;
  /** Codes and tokens by their hashes. */
  codes: AuthorizationCode;
  tokens: OAuthToken;
  /** What each person allows the application. */
  authorizations: { user_id: string; scopes: string[] };
  roleConnections: { user_id: string; connection: JsonObject };
  bans: Ban;
  threadMembers: ThreadMember;
  voiceStates: VoiceState;
  invites: Invite;
  webhooks: Webhook;
}

export type CollectionName = keyof Collections;

export const COLLECTIONS: readonly CollectionName[] = [
  'application',
  'users',
  'guilds',
  'roles',
  'channels',
  'members',
  'messages',
  'commands',
  'interactions',
  'closedDms',
  'handicaps',
  'codes',
  'tokens',
  'authorizations',
  'roleConnections',
  'bans',
  'threadMembers',
  'voiceStates',
  'invites',
  'webhooks',
];
