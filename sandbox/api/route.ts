import type { JsonObject } from '../json.ts';
import type { Scope } from '../oauth2/scopes.ts';
import type { OAuthToken } from '../state/model.ts';
import { isSnowflake } from '../state/snowflake.ts';
import type { World } from '../world.ts';
import { FormCheck } from './errors.ts';
import type { Limit } from './limits.ts';
import type { BodySchema } from './schemas.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A file that came with a multipart body. */
export interface UploadedFile {
  field: string;
  name: string;
  type: string;
  content: Buffer;
}

/** One request, matched and checked. */
export interface Call {
  world: World;
  params: Record<string, string>;
  query: URLSearchParams;
  /** The JSON object of the body; empty when there is none. */
  body: JsonObject;
  /** The body as it came, for the few routes that take an array. */
  raw: unknown;
  files: UploadedFile[];
  /** The form, for the routes that take one. */
  form: URLSearchParams | undefined;
  authorization: string | undefined;
  /** The access token, where a person's application asks and not the bot. */
  bearer: OAuthToken | undefined;
  /** Why, as `X-Audit-Log-Reason` says it. */
  reason: string | null;
}

export interface Answer {
  status: number;
  /** Sent as JSON; a text as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** Where a permission is asked of the bot: in the guild or in the channel that the path names. */
export interface Needs {
  guild?: bigint;
  channel?: bigint;
}

/** One row of the table of routes. */
export interface Route {
  method: Method;
  /** The path with parameters, such as `/guilds/:guild/members/:user/roles/:role`. */
  path: string;
  /** Who may call: the bot (unless it says otherwise), a person's access token, either, or whoever knows the address. */
  auth?: 'bot' | 'user' | 'any' | 'none';
  /** The scope that an access token needs. */
  scope?: Scope;
  /** True takes a form (application/x-www-form-urlencoded) in place of JSON. */
  form?: boolean;
  /** True keeps bodies out of the log. */
  secret?: boolean;
  schema?: BodySchema;
  /** Permissions of the bot; naming a place also asks that the bot can see it. */
  needs?: Needs;
  limit?: Limit;
  /** A limit of its own for what some bodies ask for. */
  sublimit?: (body: JsonObject) => Limit | undefined;
  /** True for interaction endpoints, which the global limit leaves out. */
  exempt?: boolean;
  run(call: Call): Answer | Promise<Answer>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const noContent: Answer = { status: 204 };

/** A path parameter; the router has matched it. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

/** A whole number from the query, or `fallback`; 50035 outside its bounds. */
export function queryNumber(call: Call, name: string, fallback: number, max: number, min = 1): number {
  const text = call.query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  const form = new FormCheck();
  if (!/^-?\d+$/.test(text)) form.at(name).add('NUMBER_TYPE_COERCE', `Value "${text.slice(0, 100)}" is not int.`);
  else form.at(name).range(value, min, max);
  form.done();
  return value;
}

/** A snowflake from the query; undefined where there is none. */
export function queryId(call: Call, name: string): string | undefined {
  const id = call.query.get(name);
  if (id === null || id === '') return undefined;
  const form = new FormCheck();
  if (!isSnowflake(id)) form.at(name).add('NUMBER_TYPE_COERCE', `Value "${id.slice(0, 100)}" is not snowflake.`);
  form.done();
  return id;
}

/** A time from the query, in milliseconds; undefined where there is none. */
export function queryTime(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === '') return undefined;
  const time = Date.parse(text);
  const form = new FormCheck();
  if (Number.isNaN(time)) form.at(name).add('DATE_TYPE_PARSE', `Value "${text.slice(0, 100)}" is not a timestamp.`);
  form.done();
  return time;
}

/** A truth from the query; false where there is none. */
export function queryFlag(call: Call, name: string): boolean {
  const text = call.query.get(name) ?? '';
  const form = new FormCheck();
  if (!/^(true|false|1|0|)$/i.test(text)) {
    form.at(name).add('BOOLEAN_TYPE_CONVERT', 'Must be either true or false.');
  }
  form.done();
  return /^(true|1)$/i.test(text);
}
