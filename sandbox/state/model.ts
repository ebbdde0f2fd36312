import type { JsonObject } from '../json.ts';

/** What the sandbox remembers. Field names are Discord's where the thing is Discord's. */
export interface Application {
  id: string;
  name: string;
  botToken: string;
  clientSecret: string;
  publicKey: string;
  /** The Ed25519 key that signs interactions sent over HTTP (PKCS #8, base64). */
  privateKey: string;
}

export interface User {
  id: string;
  username: string;
  global_name: string | null;
  bot: boolean;
  locale: string;
}

export interface Guild {
  id: string;
  name: string;
  owner_id: string;
  preferred_locale: string;
}

export interface Role {
  id: string;
  guild_id: string;
  name: string;
  color: number;
  hoist: boolean;
  position: number;
  permissions: string;
  managed: boolean;
  mentionable: boolean;
  tags?: { bot_id?: string };
}

export interface Overwrite {
  id: string;
  /** 0 role, 1 member. */
  type: number;
  allow: string;
  deny: string;
}

export interface Channel {
  id: string;
  guild_id: string | null;
  /** Discord's channel types: 0 text, 1 DM, 2 voice, 4 category. */
  type: number;
  name: string;
  position: number;
  parent_id: string | null;
  topic: string | null;
  permission_overwrites: Overwrite[];
  /** The human at the other end of a DM. */
  recipient_id?: string;
}

export interface Member {
  guild_id: string;
  user_id: string;
  nick: string | null;
  roles: string[];
  joined_at: string;
  pending: boolean;
  deaf: boolean;
  mute: boolean;
  communication_disabled_until: string | null;
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
  nonce?: string | number;
  webhook_id?: string;
  application_id?: string;
  message_reference?: { message_id: string; channel_id: string; guild_id?: string };
  interaction?: { id: string; type: number; user_id: string; name?: string; triggering?: string };
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
];
