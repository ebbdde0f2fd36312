import type { RouteFault } from '../control/faults.ts';
import { isObject, type JsonObject } from '../json.ts';
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
  /** The parsed body, undefined when there was none; `broken` when it was no JSON. */
  body: unknown;
  broken: boolean;
  files: UploadedFile[];
  bytes: number;
}

export interface ApiAnswer extends Answer {
  headers: Record<string, string>;
  /** True when nothing is to be sent. */
  hang?: boolean;
}

const router = new Router(ROUTES);

/** Parameters that must be snowflakes. */
const IDS = new Set(['guild', 'channel', 'message', 'user', 'role', 'application', 'command', 'interaction']);

/** Answers one REST request and logs it. */
export async function serveApi(world: World, request: ApiRequest): Promise<ApiAnswer> {
  const started = performance.now();
  const found = router.match(request.method, request.path);
  const route = 'route' in found ? found.route : undefined;
  const params = 'route' in found ? found.params : {};
  const problems = route?.schema === undefined || request.broken ? [] : problemsOf(route.schema, request.body ?? {});
  const verdict = judge(request, route, problems);
  const fault = route === undefined ? undefined : world.faults.strike(request.method, route.path);
  let answer: ApiAnswer;
  if (route === undefined) {
    answer = refused('otherMethods' in found && found.otherMethods ? methodNotAllowed() : notFound(), {});
  } else {
    if (fault?.delayMs !== undefined)
      await new Promise<void>((resolve) => world.clock.after(fault.delayMs ?? 0, resolve));
    const failing = fault !== undefined && (fault.hang || fault.status !== undefined || fault.retryAfter !== undefined);
    answer = failing && !fault.after ? { status: 0, headers: {} } : await run(world, request, route, params, problems);
    if (failing) answer = faulty(fault);
  }
  const { method } = request;
  const ms = Math.round((performance.now() - started) * 100) / 100;
  const entry = {
    method,
    route: route?.path ?? request.path,
    status: answer.status,
    ms,
    body: request.body ?? null,
    verdict,
  };
  world.log.add(entry, request.bytes + 200);
  return answer;
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
): Promise<ApiAnswer> {
  let headers: Record<string, string> = {};
  try {
    if (route.auth !== 'none') checkToken(world, request.authorization);
    const major = params.channel ?? params.guild ?? params.token ?? '';
    const limit = route.limit ?? { ...LIMIT.default, bucket: `${route.method} ${route.path}` };
    const metered = !route.path.startsWith('/interactions/');
    const taken = metered ? world.limits.take(limit, major, route.exempt !== true) : { headers };
    headers = taken.headers;
    if (taken.refused !== undefined) {
      const { retryAfter, global } = taken.refused;
      return { status: 429, headers, body: limitBody(retryAfter, global) };
    }
    for (const [name, value] of Object.entries(params)) {
      if (IDS.has(name) && !isSnowflake(value)) throw badSnowflake(name, value);
    }
    if (request.broken) throw refusal(50109);
    if (route.needs !== undefined) checkNeeds(world, route.needs, params);
    const body: JsonObject = isObject(request.body) ? request.body : {};
    if (problems.length > 0) throw invalidForm(problems);
    const call = { world, params, query: request.query, body, raw: request.body, files: request.files };
    return { ...(await route.run(call)), headers };
  } catch (error) {
    if (error instanceof DiscordError) return refused(error, headers);
    console.error(`sandbox: ${route.method} ${route.path}:`, error);
    return refused(new DiscordError(500, 0, '500: Internal Server Error'), headers);
  }
}

function refused(error: DiscordError, headers: Record<string, string>): ApiAnswer {
  return { status: error.status, headers, body: error.body() };
}

function checkToken(world: World, authorization: string | undefined): void {
  if (authorization === `Bot ${world.application.botToken}`) return;
  if (authorization?.startsWith('Bearer ')) throw refusal(40001);
  throw unauthorized();
}

function badSnowflake(name: string, value: string): DiscordError {
  const message = `Value "${value.slice(0, 100)}" is not snowflake.`;
  return invalidForm([{ path: [`${name}_id`], code: 'NUMBER_TYPE_COERCE', message }]);
}

/** The answer that a fault asks for. */
function faulty({ hang, status, code, retryAfter }: RouteFault): ApiAnswer {
  if (hang) return { status: 0, headers: {}, hang: true };
  if (retryAfter !== undefined) {
    return { status: 429, headers: limitHeaders(retryAfter, false), body: limitBody(retryAfter, false) };
  }
  const known = status ?? 500;
  return { status: known, headers: {}, body: { message: `${known}: Sandbox fault`, code: code ?? 0 } };
}
