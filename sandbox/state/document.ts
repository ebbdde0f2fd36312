import * as z from 'zod';
import { isObject, type JsonObject } from '../json.ts';
import { memberKey } from '../rules/permissions.ts';
import type { FileStore } from './files.ts';
import { type Application, COLLECTIONS, type CollectionName } from './model.ts';
import { type Making, OutlineError, outlineSchema, recordsOf } from './outline.ts';
import { isSnowflake } from './snowflake.ts';
import { emptyRecords, type Records, type Store } from './store.ts';

/** The whole state as one JSON document: every collection by its keys, and the files of messages in base64. */

const FORMAT = 1;
/** Files beyond so many bytes in all are left out. */
const FILE_BYTES = 32 * 1024 * 1024;
/** What is only of the moment. */
const MOMENTARY: readonly CollectionName[] = ['interactions', 'codes'];
/** What a document leaves to the sandbox that loads it, so that clients go on. */
const SECRETS = ['botToken', 'clientSecret', 'publicKey', 'privateKey'] as const;

/** What is wrong with a document, and where. */
export class DocumentError extends Error {}

export interface Loaded {
  records: Records;
  files: Map<string, Buffer>;
}

/** The document of a state. */
export function writeDocument(store: Store, files: FileStore): JsonObject {
  const kept = COLLECTIONS.filter((name) => !MOMENTARY.includes(name));
  const collections = Object.fromEntries(kept.map((name) => [name, Object.fromEntries(store.entries(name))]));
  const applications = store.entries('application').map(([id, application]) => {
    const open = Object.entries(application).filter(([key]) => !SECRETS.some((secret) => secret === key));
    return [id, Object.fromEntries(open)];
  });
  const contents: Record<string, string> = {};
  const leftOut: string[] = [];
  let bytes = 0;
  for (const { attachments } of store.all('messages')) {
    for (const { id } of attachments) {
      const content = files.read(String(id));
      if (content === undefined) continue;
      bytes += content.length;
      if (bytes > FILE_BYTES) leftOut.push(String(id));
      else contents[String(id)] = content.toString('base64');
    }
  }
  const left = leftOut.length === 0 ? {} : { filesLeftOut: leftOut };
  return { format: FORMAT, ...collections, application: Object.fromEntries(applications), files: contents, ...left };
}

/**
 * The records of a document, or of servers that somebody wrote down by hand (`guilds` is a list then).
 * Secrets that it does not name are those of `making.application`.
 * @throws DocumentError
 */
export function readDocument(document: unknown, making: Making & { host: string }): Loaded {
  if (!isObject(document) || document.format !== FORMAT) {
    throw new DocumentError(`format: must be ${FORMAT}, which this sandbox writes and reads`);
  }
  if (Array.isArray(document.guilds)) return { records: readOutline(document, making), files: new Map() };
  const records = readRecords(movedTo(making.host, document), making.application);
  checkReferences(records);
  return { records, files: readFiles(document.files) };
}

/** Files were at the address of the sandbox that saved them. */
function movedTo(host: string, document: JsonObject): JsonObject {
  const elsewhere = /^http:\/\/127\.0\.0\.1:\d+(?=\/attachments\/)/;
  const move = (_key: string, value: unknown) =>
    typeof value === 'string' ? value.replace(elsewhere, `http://${host}`) : value;
  return { ...document, messages: JSON.parse(JSON.stringify(document.messages ?? {}), move) };
}

const text = z.string();
const id = text.refine(isSnowflake, 'must be an id in digits');
const bits = text.regex(/^\d{1,19}$/, 'must be permission bits in digits');
const whole = z.int();
const objects = z.array(z.looseObject({}));
const day = text.refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time');
const overwrite = z.looseObject({ id, type: whole, allow: bits, deny: bits });

/** What the sandbox relies on in each record; more may stand there. */
const RECORDS: Partial<Record<CollectionName, z.ZodObject>> = {
  application: z.looseObject({
    id,
    name: text.min(1),
    botToken: text.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, 'must look like a bot token').optional(),
    clientSecret: text.min(1).optional(),
    publicKey: text.regex(/^[0-9a-f]{64}$/).optional(),
    privateKey: z.base64().optional(),
    redirect_uris: z.array(text).optional(),
    settings: z.looseObject({}).optional(),
  }),
  users: z.looseObject({ id, username: text.min(1), global_name: text.nullable(), bot: z.boolean(), locale: text }),
  guilds: z.looseObject({ id, name: text.min(1), owner_id: id, preferred_locale: text }),
  roles: z.looseObject({
    id,
    guild_id: id,
    name: text,
    color: whole,
    hoist: z.boolean(),
    position: whole,
    permissions: bits,
    managed: z.boolean(),
    mentionable: z.boolean(),
  }),
  channels: z.looseObject({
    id,
    guild_id: id.nullable(),
    type: whole,
    name: text,
    position: whole,
    parent_id: id.nullable(),
    topic: text.nullable(),
    permission_overwrites: z.array(overwrite),
  }),
  members: z.looseObject({
    guild_id: id,
    user_id: id,
    nick: text.nullable(),
    roles: z.array(id),
    joined_at: day,
    pending: z.boolean(),
    deaf: z.boolean(),
    mute: z.boolean(),
    communication_disabled_until: day.nullable(),
  }),
  messages: z.looseObject({
    id,
    channel_id: id,
    guild_id: id.nullable(),
    author_id: id,
    type: whole,
    content: text,
    embeds: objects,
    components: objects,
    attachments: objects,
    mentions: z.array(id),
    mention_roles: z.array(id),
    mention_everyone: z.boolean(),
    tts: z.boolean(),
    timestamp: day,
    edited_timestamp: day.nullable(),
    flags: whole,
    pinned: z.boolean(),
    ephemeral_for: id.nullable(),
  }),
  commands: z.looseObject({
    id,
    application_id: id,
    guild_id: id.nullable(),
    version: text,
    type: whole,
    name: text,
    description: text,
    options: objects,
  }),
  bans: z.looseObject({ guild_id: id, user_id: id }),
  threadMembers: z.looseObject({ thread_id: id, user_id: id, join_timestamp: day }),
  voiceStates: z.looseObject({ guild_id: id, user_id: id, channel_id: id }),
  invites: z.looseObject({ code: text, guild_id: id, channel_id: id, inviter_id: id, role_ids: z.array(id) }),
  webhooks: z.looseObject({ id, guild_id: id, channel_id: id, name: text, token: text }),
};

/** Fields that name another record. */
const REFERENCES: readonly [from: CollectionName, field: string, to: CollectionName][] = [
  ['guilds', 'owner_id', 'users'],
  ['roles', 'guild_id', 'guilds'],
  ['channels', 'guild_id', 'guilds'],
  ['channels', 'parent_id', 'channels'],
  ['members', 'guild_id', 'guilds'],
  ['members', 'user_id', 'users'],
  ['members', 'roles', 'roles'],
  ['messages', 'channel_id', 'channels'],
  ['commands', 'application_id', 'application'],
  ['commands', 'guild_id', 'guilds'],
  ['bans', 'guild_id', 'guilds'],
  ['threadMembers', 'thread_id', 'channels'],
  ['voiceStates', 'channel_id', 'channels'],
  ['invites', 'channel_id', 'channels'],
  ['invites', 'guild_id', 'guilds'],
  ['webhooks', 'channel_id', 'channels'],
];

function readOutline(document: JsonObject, { application, ...making }: Making): Records {
  const result = outlineSchema.safeParse(document);
  if (!result.success) throw problem(result.error);
  const own = parse(RECORDS.application?.partial(), result.data.application ?? {}, 'application');
  try {
    return recordsOf(result.data, { ...making, application: { ...application, ...own } });
  } catch (error) {
    if (error instanceof OutlineError) throw new DocumentError(error.message);
    throw error;
  }
}

function readRecords(document: JsonObject, application: Application): Records {
  const records = emptyRecords();
  const known = new Set<string>([...COLLECTIONS, 'format', 'files', 'filesLeftOut']);
  const unknown = Object.keys(document).find((name) => !known.has(name));
  if (unknown !== undefined) throw new DocumentError(`${unknown}: there is no such part`);
  for (const name of COLLECTIONS) {
    if (MOMENTARY.includes(name)) continue;
    const collection = document[name] ?? {};
    if (!isObject(collection)) throw new DocumentError(`${name}: must be an object of records by their keys`);
    for (const [key, given] of Object.entries(collection)) {
      const record = parse(RECORDS[name] ?? z.looseObject({}), given, `${name}.${key}`);
      const own = name === 'members' ? memberKey(String(record.guild_id), String(record.user_id)) : (record.id ?? key);
      if (own !== key) throw new DocumentError(`${name}.${key}: its key does not fit its ids`);
      (records[name] as Map<string, unknown>).set(key, record);
    }
  }
  const [loaded, ...others] = records.application.values();
  if (loaded === undefined || others.length > 0) throw new DocumentError('application: there must be one');
  const secrets = Object.fromEntries(SECRETS.map((name) => [name, application[name]]));
  records.application.set(loaded.id, { ...secrets, ...loaded });
  return records;
}

/** Every record that another one names must be there, and what a guild cannot be without. */
function checkReferences(records: Records): void {
  for (const [from, field, to] of REFERENCES) {
    for (const [key, record] of records[from]) {
      const named = [(record as unknown as JsonObject)[field]].flat();
      const missing = named.find((one) => one !== null && one !== undefined && !records[to].has(String(one)));
      if (missing !== undefined) {
        throw new DocumentError(`${from}.${key}.${field}: there is no ${String(missing)} under "${to}"`);
      }
    }
  }
  if (records.guilds.size === 0) throw new DocumentError('guilds: there must be one');
  for (const guild of records.guilds.keys()) {
    if (!records.roles.has(guild)) throw new DocumentError(`roles: the role @everyone of guild ${guild} is missing`);
  }
  const [application] = records.application.values();
  if (records.users.get(application?.id ?? '')?.bot !== true) throw new DocumentError('users: the bot is missing');
}

function readFiles(given: unknown): Map<string, Buffer> {
  const files = parse(z.record(id, z.base64()), given ?? {}, 'files');
  return new Map(Object.entries(files).map(([key, content]) => [key, Buffer.from(content, 'base64')]));
}

function parse<S extends z.ZodType>(schema: S | undefined, value: unknown, path: string): z.output<S> {
  const result = schema?.safeParse(value);
  if (result?.success) return result.data;
  throw problem(result?.error, path);
}

/** The first thing that is wrong, with its path. */
function problem(error: z.ZodError | undefined, ...path: string[]): DocumentError {
  const issue = error?.issues[0];
  const where = [...path, ...(issue?.path ?? [])].map(String).join('.');
  return new DocumentError(`${where}: ${issue?.message ?? 'not understood'}`);
}
