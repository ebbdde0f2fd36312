import type { JsonObject } from '../json.ts';
import type { World } from '../world.ts';
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
}

export interface Answer {
  status: number;
  body?: unknown;
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
  /** Who may call: the bot, or whoever knows the address (gateway, interactions). */
  auth?: 'bot' | 'none';
  schema?: BodySchema;
  /** Permissions of the bot; naming a place also asks that the bot can see it. */
  needs?: Needs;
  limit?: Limit;
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

/** A number from the query, within bounds. */
export function queryNumber(call: Call, name: string, fallback: number, max: number): number {
  const value = Number(call.query.get(name) ?? fallback);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, max) : fallback;
}
