import type { ColumnType, Generated, JSONColumnType } from 'kysely';

/** A time that the database sets when the row is made. */
export type Stamp = ColumnType<Date, Date | undefined, never>;

/** What this database belongs to: a demo's sandbox or live Discord. One row. */
export interface InstallationTable {
  id: Generated<number>;
  kind: 'demo' | 'live';
  api_base: string;
  stamped_at: Stamp;
}

/** A community: one guild and its settings. Its id is the guild's. */
export interface CommunitiesTable {
  id: string;
  name: string;
  /** Role ids or names whose holders decide requests. */
  approver_roles: JSONColumnType<string[]>;
  credits_per_request: number;
  credits_per_day: number;
  created_at: Stamp;
  updated_at: ColumnType<Date, Date | undefined, Date>;
}

/** Something that happened, written with the fact itself and handed to flows once committed. */
export interface EventsTable {
  id: Generated<number>;
  /** By which its jobs name it. */
  key: Generated<string>;
  community_id: string;
  type: string;
  /** What it is about, such as `credit-request/17`. */
  subject: string;
  payload: JSONColumnType<Record<string, unknown>>;
  occurred_at: Stamp;
  handled_at: ColumnType<Date | null, undefined, Date>;
}

/** Something done outside (a message, a role), counted once by its key. */
export interface EffectsTable {
  community_id: string;
  source_id: string;
  node_id: string;
  target: string;
  part: string;
  state: Generated<'begun' | 'done'>;
  result: JSONColumnType<Record<string, unknown>> | null;
  begun_at: Stamp;
  settled_at: ColumnType<Date | null, undefined, Date>;
}

/** A slash command, button, select or modal, for the 15 minutes in which Discord takes answers. */
export interface InteractionsTable {
  id: string;
  community_id: string;
  token_cipher: string;
  /** What Discord has been told so far. */
  state: Generated<'received' | 'deferred' | 'answered'>;
  received_at: Stamp;
}

/** What Discord said last of a member, where flows follow members. */
export interface GuildMembersTable {
  community_id: string;
  discord_id: string;
  roles: JSONColumnType<string[]>;
  joined_at: string;
  /** Counts the changes, so that each is told once. */
  version: Generated<number>;
}

/** A message or a reaction that flows took, for a day: each counts once. */
export interface GuildEventsTable {
  community_id: string;
  key: string;
  received_at: Stamp;
}

/** What a web app calls with. Of the key itself only a digest is kept. */
export interface ApiKeysTable {
  id: Generated<number>;
  community_id: string;
  name: string;
  /** The part of the key by which it is found and named; no secret. */
  prefix: string;
  /** SHA-256 of the key's random bytes. */
  hash: Buffer;
  scopes: string[];
  /** null: it does not expire. */
  expires_at: Date | null;
  last_used_at: ColumnType<Date | null, undefined, Date>;
  revoked_at: ColumnType<Date | null, undefined, Date>;
  created_at: Stamp;
}

/** Who did what, append-only. Ids alone: names and reasons lie where they can be blanked. */
export interface AuditTable {
  id: Generated<number>;
  community_id: string;
  at: Stamp;
  actor: JSONColumnType<Record<string, unknown>>;
  action: string;
  subject: string;
  before: JSONColumnType<Record<string, unknown>> | null;
  after: JSONColumnType<Record<string, unknown>> | null;
  source_id: string;
}

export interface PlatformTables {
  installation: InstallationTable;
  communities: CommunitiesTable;
  events: EventsTable;
  effects: EffectsTable;
  interactions: InteractionsTable;
  guild_members: GuildMembersTable;
  guild_events: GuildEventsTable;
  api_keys: ApiKeysTable;
  audit_log: AuditTable;
}
