import type { JsonObject } from '../json.ts';

/** What the sandbox remembers of guilds. Field names are Discord's. */
export interface Guild {
  id: string;
  name: string;
  owner_id: string;
  preferred_locale: string;
  /** What differs from a new guild, by Discord's field names. */
  settings?: JsonObject;
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
  /** One of `CHANNEL`; threads are channels too. */
  type: number;
  name: string;
  position: number;
  parent_id: string | null;
  topic: string | null;
  permission_overwrites: Overwrite[];
  /** What differs from a new channel of its type, by Discord's field names. */
  settings?: JsonObject;
  last_pin_timestamp?: string | null;
  /** The human at the other end of a DM. */
  recipient_id?: string;
  thread?: Thread;
}

/** What a thread has beyond other channels. */
export interface Thread {
  owner_id: string;
  archived: boolean;
  archive_timestamp: string;
  auto_archive_duration: number;
  locked: boolean;
  /** Whether members who are no moderators may add others; private threads only. */
  invitable?: boolean;
  create_timestamp: string;
  total_message_sent: number;
  applied_tags?: string[];
}

export interface ThreadMember {
  thread_id: string;
  user_id: string;
  join_timestamp: string;
}

export interface Ban {
  guild_id: string;
  user_id: string;
  reason: string | null;
}

/** Where a member is connected to voice. */
export interface VoiceState {
  guild_id: string;
  user_id: string;
  channel_id: string;
  session_id: string;
  self_mute: boolean;
  self_deaf: boolean;
  /** In a stage channel: only listens. */
  suppress?: boolean;
  request_to_speak_timestamp?: string | null;
}

export interface Invite {
  code: string;
  guild_id: string;
  channel_id: string;
  inviter_id: string;
  created_at: string;
  /** Seconds; 0 never ends. */
  max_age: number;
  /** 0 is without limit. */
  max_uses: number;
  uses: number;
  temporary: boolean;
  role_ids: string[];
  /** The only users who may accept it; null lets everyone. */
  target_users: string[] | null;
}

/** An incoming webhook. */
export interface Webhook {
  id: string;
  guild_id: string;
  channel_id: string;
  name: string;
  avatar: string | null;
  token: string;
  user_id: string;
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
