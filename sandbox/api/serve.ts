import type { RouteFault } from '../control/faults.ts';
import { isObject, type JsonObject } from '../json.ts';
import { findToken } from '../oauth2/grants.ts';
import type { OAuthToken } from '../state/model.ts';
import { isSnowflake } from '../state/snowflake.ts';
import type { World } from '../world.ts';
import {
  DiscordError,
  type FormProblem,
  invalidForm,
  methodNotAllowed,
  notFound,
  refusal,
  unauthorized,
} from './errors.ts';
import { checkNeeds } from './find.ts';
import { LIMIT, limitBody, limitHeaders } from './limits.ts';
import type { Answer, Route, UploadedFile } from './route.ts';
import { ROUTES, Router } from './router.ts';
import { problemsOf } from './schemas.ts';

/** A REST request as the server read it. */
export interface ApiRequest {
  method: string;
  /** The path without `/api` and version. */
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  /** `X-Audit-Log-Reason`. */
  reason: string | null;
  /** The parsed body, undefined when there was none; `broken` when it was no JSON. */
  body: unknown;
  broken: boolean;
  form: URLSearchParams | undefined;
  files: UploadedFile[];
  bytes: number;
}

interface Answered extends Answer {
  headers: Record<string, string>;
  hang?: boolean;
}

/** What the server is to send. */
export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  /** The body, empty when there is none. */
  text: string;
  /** True when nothing is to be sent. */
  hang: boolean;
}

/** Made when first needed: some routes answer through `serveApi` themselves. */
let router: Router<Route> | undefined;

/** Parameters that must be snowflakes. */
const IDS = new Set([
  'guild',
  'channel',
  'message',
  'user',
  'role',
  'overwrite',
  'webhook',
  'application',
  'command',
  'interaction',
]);

/** Answers one REST request and logs it. */
export async function serveApi(world: World, request: ApiRequest): Promise<ApiAnswer> {
  const started = performance.now();
  router ??= new Router(ROUTES);
  const found = router.match(request.method, request.path);
  const route = 'route' in found ? found.route : undefined;
  const params = 'route' in found ? found.params : {};
  const channel = world.store.get('channels', params.channel ?? '');
  const problems =
    route?.schema === undefined || request.broken ? [] : problemsOf(route.schema, request.body ?? {}, channel);
  const verdict = judge(request, route, problems);
  const fault = route === undefined ? undefined : world.faults.strike(request.method, route.path);
  let answer: Answered;
  let struck = false;
  const { bannedMs } = world.limits.invalidRequests;
  if (bannedMs > 0) {
    answer = shutOut(bannedMs);
    struck = true;
  } else if (route === undefined) {
    answer = refused('otherMethods' in found && found.otherMethods ? methodNotAllowed() : notFound(), {});
  } else {
    if (fault?.delayMs !== undefined)
      await new Promise<void>((resolve) => world.clock.after(fault.delayMs ?? 0, resolve));
    const failing = fault !== undefined && (fault.hang || fault.status !== undefined || fault.retryAfter !== undefined);
    answer = failing && !fault.after ? { status: 0, headers: {} } : await run(world, request, route, params, problems);
    if (failing) answer = faulty(fault);
    struck = failing;
  }
  if (bannedMs === 0) world.limits.answered(answer.status);
  const { method } = request;
  const ms = Math.round((performance.now() - started) * 100) / 100;
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  const entry = {
    method,
    route: route?.path ?? request.path,
    path: request.path,
    query: request.query.size === 0 ? '' : `?${request.query}`,
    status: answer.status,
    ms,
    body: route?.secret ? null : (request.body ?? null),
    verdict,
    answer: route?.secret ? '' : text,
    ...(struck ? { fault: true as const } : {}),
  };
  world.log.add(entry, request.bytes + 200);
  const sent = typeof answer.body === 'string' ? answer.body : text;
  return { status: answer.status, headers: answer.headers, text: sent, hang: answer.hang ?? false };
}

/** What the network before the API answers to an address with too many invalid requests: no JSON of Discord's. */
function shutOut(ms: number): Answered {
  const headers = { 'retry-after': String(Math.ceil(ms / 1000)), 'content-type': 'text/plain' };
  return { status: 429, headers, body: 'error code: 1015' };
}

/** What the log says of a request by its schema alone. */
function judge(request: ApiRequest, route: Route | undefined, problems: FormProblem[]): string {
  if (route === undefined) return `no route ${request.method} ${request.path}`;
  if (request.broken) return 'body: no valid JSON';
  if (problems.length === 0) return 'ok';
  return problems.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
}

async function run(
  world: World,
  request: ApiRequest,
  route: Route,
  params: Record<string, string>,
  problems: FormProblem[],
): Promise<Answered> {
  let headers: Record<string, string> = {};
  try {
    const bearer = authenticate(world, route, request.authorization);
    const major = params.channel ?? params.guild ?? params.token ?? bearer?.user_id ?? '';
    const limit = route.limit ?? { ...LIMIT.default, bucket: `${route.method} ${route.path}` };
    const metered = !route.path.startsWith('/interactions/');
    const body: JsonObject = isObject(request.body) ? request.body : {};
    const sublimit = route.sublimit?.(body);
    for (const [one, globally] of [
      [limit, route.exempt !== true && bearer === undefined] as const,
      [sublimit, false] as const,
    ]) {
      if (!metered || one === undefined) continue;
      const taken = world.limits.take(one, major, globally);
      if (one === limit || taken.refused !== undefined) headers = taken.headers;
      if (taken.refused === undefined) continue;
      const { retryAfter, global } = taken.refused;
      return { status: 429, headers, body: limitBody(retryAfter, global) };
    }
    for (const [name, value] of Object.entries(params)) {
      if (IDS.has(name) && !isSnowflake(value)) throw badSnowflake(name, value);
    }
    if (request.broken || (request.form !== undefined && route.form !== true)) throw refusal(50109);
    if (route.needs !== undefined) checkNeeds(world, route.needs, params);
    if (problems.length > 0) throw invalidForm(problems);
    const { query, body: raw, files, reason, form, authorization } = request;
    const answer = await route.run({ world, params, query, body, raw, files, reason, form, authorization, bearer });
    return { ...answer, headers: { ...headers, ...answer.headers } };
  } catch (error) {
    if (error instanceof DiscordError) return refused(error, headers);
    console.error(`sandbox: ${route.method} ${route.path}:`, error);
    return refused(new DiscordError(500, 0, '500: Internal Server Error'), headers);
  }
}

function refused(error: DiscordError, headers: Record<string, string>): Answered {
  return { status: error.status, headers, body: error.body() };
}

/** Checks who calls; returns the access token of a person. */
function authenticate(
  world: World,
  { auth = 'bot', scope }: Route,
  authorization: string | undefined,
): OAuthToken | undefined {
  if (auth === 'none') return undefined;
  if (authorization === `Bot ${world.application.botToken}`) {
    if (auth === 'user') throw refusal(20001);
    return undefined;
  }
  if (!authorization?.startsWith('Bearer ')) throw unauthorized();
  if (auth === 'bot') throw refusal(40001);
  const token = findToken(world, 'access', authorization.slice('Bearer '.length));
  if (token === undefined) throw unauthorized();
  if (scope !== undefined && !token.scopes.includes(scope)) throw refusal(50026);
  return token;
}

function badSnowflake(name: string, value: string): DiscordError {
  const message = `Value "${value.slice(0, 100)}" is not snowflake.`;
  return invalidForm([{ path: [`${name}_id`], code: 'NUMBER_TYPE_COERCE', message }]);
}

/** The answer that a fault asks for. */
function faulty({ hang, status, code, retryAfter }: RouteFault): Answered {
  if (hang) return { status: 0, headers: {}, hang: true };
  if (retryAfter !== undefined) {
    return { status: 429, headers: limitHeaders(retryAfter, false), body: limitBody(retryAfter, false) };
  }
  const known = status ?? 500;
  return { status: known, headers: {}, body: { message: `${known}: Sandbox fault`, code: code ?? 0 } };
}
