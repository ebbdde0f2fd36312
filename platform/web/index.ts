import { createHash, randomUUID } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Database } from '../database/index.ts';
import { type Fault, toFault } from '../fault.ts';
import { type Log, limitBursts } from '../log.ts';
import type { Runs } from '../runs.ts';
import type { Traces } from '../traces.ts';
import { harmOf, readJson, refuseRequest } from './body.ts';
import { type Caller, callerOf, takeAuthorization } from './caller.ts';
import { type Entrance, entranceTable, type Guard, keyOf, pathKey, unknownEntrance } from './entrances.ts';
import { broken, createExchange, type Exchange, passing, standIn } from './exchange.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { type Problem, sendProblem } from './problem.ts';
import { createRates } from './rates.ts';

/** A request at the door: Express has matched it with an `http in`, and nobody has read its body. */
export interface Call {
  request: IncomingMessage & { query?: unknown; body?: unknown; _body?: boolean };
  response: ServerResponse;
  /** The path of the `http in`, such as `/api/players/:id`. */
  route: string;
  /** The path that was asked for. */
  path: string;
}

/** How web apps call in through flows. */
export interface Web {
  /** A guard that runs, until the returned function is called. */
  addGuard(guard: Guard): () => void;
  /** The `http in` nodes of the flows that run from now on. */
  setEntrances(entrances: readonly Entrance[]): void;
  /** Whether anybody may ask for a path of a community's. @param route such as `GET /api/leaderboard` */
  isPublic(route: string, community: string): boolean;
  /** Why a path must not even be looked at, as its `http in` reads bodies before anything is checked; else null. */
  closedUnread(method: string, path: string): string | null;
  /**
   * Checks a request by its guard: key, scope, rate, size and form, the body last.
   * @returns whether it may go on into its flow, with its body read; where not, it has been answered
   */
  admit(call: Call): Promise<boolean>;
  /**
   * What was admitted, once; where nothing was, whoever waits for an answer is turned away.
   * @param request as `http in` passed it on
   */
  take(request: unknown, response: unknown): Exchange | null;
  /** What a response belongs to. @param response as Express made it */
  exchangeOf(response: unknown): Exchange | null;
}

/** So often a key, or an address without one, may call in a minute where the guard does not say. */
const MOST_CALLS = { key: 6000, public: 600 };
const LONGEST_IDEMPOTENCY_KEY = 255;
/** So much of a wrong name is repeated to who sent it. */
const LONGEST_SHOWN = 40;

interface Parts {
  database: Database;
  runs: Runs;
  traces: Traces;
  log: Log;
  /** Where a request comes from; null where many may stand behind it. */
  addressOf(request: IncomingMessage): string | null;
  keptAnswers: Pick<KeptAnswers, 'keep'>;
}

export function createWeb({ database, runs, traces, log, addressOf, keptAnswers }: Parts): Web {
  const guards = new Map<string, Guard>();
  const rates = createRates();
  /** By request and by response: nothing that a flow holds can make one. */
  const admitted = new WeakMap<object, Exchange>();
  const exchanges = new WeakMap<object, Exchange>();
  const told = new Set<string>();
  const complain = limitBursts((message, count) => log.error({ count }, message));
  let entrances: readonly Entrance[] = [];
  let table: Map<string, Guard | string> | null = null;

  const verdictOn = (route: string): Guard | string => {
    table ??= entranceTable(entrances, guards);
    return table.get(route) ?? unknownEntrance(route);
  };
  const tellOnce = (sentence: string): string => {
    if (!told.has(sentence)) log.warn(sentence);
    told.add(sentence);
    return sentence;
  };

  const rateProblem = async (guard: Guard, { who }: Caller, response: ServerResponse): Promise<Problem | null> => {
    if (who === null) return null;
    const most = guard.mostCalls ?? MOST_CALLS[guard.access];
    // A path with a number of its own is counted by itself, all others together.
    const { calls, reset } = await rates.count(guard.mostCalls === null ? who : `${guard.node} ${who}`);
    response.setHeader('RateLimit-Limit', most);
    response.setHeader('RateLimit-Remaining', Math.max(0, most - calls));
    response.setHeader('RateLimit-Reset', reset);
    if (calls <= most) return null;
    return tooMany(`${most} calls a minute are taken here.`, reset);
  };

  /** Who calls; nobody, where so many calls from an address were refused of late that the database is not asked again. */
  const identify = async (guard: Guard, request: IncomingMessage): Promise<Caller | { problem: Problem }> => {
    const authorization = takeAuthorization(request);
    const address = addressOf(request);
    if (guard.access === 'public' || address === null) return callerOf(database, guard, authorization, address);
    const wrong = `wrong keys ${address}`;
    const before = await rates.counted(wrong);
    if (before && before.calls >= MOST_CALLS.public) {
      return { problem: tooMany('Too many calls from this address came with a wrong key or none.', before.reset) };
    }
    const caller = await callerOf(database, guard, authorization, address);
    if ('problem' in caller) await rates.count(wrong);
    return caller;
  };

  const inspect = async (guard: Guard, { request, response }: Call) => {
    const caller = await identify(guard, request);
    if ('problem' in caller) return caller;
    const problem =
      (await rateProblem(guard, caller, response)) ??
      harmOf(request.query) ??
      parameterProblem(guard, request.query) ??
      idempotencyProblem(request);
    if (problem) return { problem };
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const read = isRead ? { body: {} } : await readJson(request, guard.mostBytes);
    return 'problem' in read ? read : { caller, body: read.body };
  };

  const tellFault = (route: string, id: string, { code, message, retry }: Fault): void => {
    // A database that is away fails every call.
    if (retry) complain(`${route} failed: ${message}`, `${route} ${code}`);
    else log.error({ request: id, code }, `${route} failed: ${message}`);
  };

  return {
    addGuard: (guard) => {
      guards.set(guard.node, guard);
      table = null;
      return () => {
        if (guards.get(guard.node) !== guard) return;
        guards.delete(guard.node);
        table = null;
      };
    },
    setEntrances: (now) => {
      entrances = now;
      table = null;
      told.clear();
    },
    isPublic: (route, community) => {
      const verdict = verdictOn(route);
      return typeof verdict === 'object' && verdict.access === 'public' && verdict.community === community;
    },
    closedUnread: (method, path) => {
      const entrance = entrances.find((one) => one.raw && one.method === method && pathKey(one.path) === pathKey(path));
      const verdict = entrance ? verdictOn(keyOf(entrance)) : null;
      return typeof verdict === 'string' ? tellOnce(verdict) : null;
    },
    admit: async (call) => {
      const { request, response, path } = call;
      const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
      const route = keyOf({ method, path: call.route });
      const guard = verdictOn(route);
      if (typeof guard === 'string') {
        refuseRequest(request, response, { status: 403, code: 'unguarded', detail: tellOnce(guard) });
        return false;
      }
      const id = randomUUID();
      const trace = `web/${id}`;
      response.setHeader('X-Request-Id', id);
      traces.begin(trace, {
        kind: 'request',
        community: guard.community,
        name: route,
        about: '',
        options: [],
        member: '',
      });
      // Deploys wait for it from here on.
      const begun = runs.begin(trace);
      void begun.run.over.then((end) => {
        if (end.fault) tellFault(route, id, end.fault);
        if (standIn(response, end, id)) traces.mark(trace, 'stood_in');
        traces.end(trace);
      });
      const refuse = (problem: Problem): false => {
        traces.forget(trace);
        refuseRequest(request, response, problem);
        begun.release();
        return false;
      };
      try {
        const passed = await inspect(guard, call);
        if ('problem' in passed) return refuse(passed.problem);
        // A deploy may have cut it off by now, and it has been answered.
        if (runs.find(begun.run.id) === null) return false;
        const { caller, body } = passed;
        request.body = body;
        request._body = true;
        const exchange = createExchange({
          request,
          response,
          route,
          scopes: caller.scopes,
          keyName: caller.keyName,
          source: sourceOf(request, method, path, caller) ?? trace,
          begun,
          isPublic: guard.access === 'public',
          keep: (topic, answer) => keptAnswers.keep(topic, request, answer),
          answered: () => traces.mark(trace, 'answered'),
        });
        admitted.set(request, exchange);
        exchanges.set(response, exchange);
      } catch (error) {
        const fault = toFault(error);
        tellFault(route, id, fault);
        return refuse(fault.retry ? passing(fault.code) : broken(fault.code, id));
      }
      // Nothing takes it where its caller is gone, or where it was answered on the way to its guard.
      response.once('close', begun.release);
      return true;
    },
    take: (request, response) => {
      const exchange = isObject(request) ? admitted.get(request) : undefined;
      if (exchange) admitted.delete(request as object);
      const isForeign = response instanceof ServerResponse && !exchanges.has(response) && !response.headersSent;
      if (isForeign) sendProblem(response, { status: 403, code: 'unguarded', detail: 'This path is closed.' });
      return exchange ?? null;
    },
    exchangeOf: (response) => (isObject(response) ? (exchanges.get(response) ?? null) : null),
  };
}

const tooMany = (why: string, reset: number): Problem => ({
  status: 429,
  code: 'too-many-calls',
  detail: `${why} Go on in ${reset} s.`,
  headers: { 'Retry-After': reset },
});

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const idempotencyOf = ({ headers }: IncomingMessage): string | undefined => {
  const given = headers['idempotency-key'];
  return Array.isArray(given) ? given.join(', ') : given;
};

function idempotencyProblem(request: IncomingMessage): Problem | null {
  const { length = 1 } = idempotencyOf(request) ?? {};
  if (length > 0 && length <= LONGEST_IDEMPOTENCY_KEY) return null;
  const detail = `An Idempotency-Key has 1 to ${LONGEST_IDEMPOTENCY_KEY} characters.`;
  return { status: 400, code: 'idempotency-key-unfit', detail };
}

/** What a request that may come again is known by: its key, what it asks for and the name that its sender gave it. */
function sourceOf(request: IncomingMessage, method: string, path: string, { key }: Caller): string | null {
  const given = idempotencyOf(request);
  if (given === undefined || key === null) return null;
  const digest = createHash('sha256')
    .update(JSON.stringify([key, method, path, given]))
    .digest('base64url');
  return `web/${digest}`;
}

/** A misspelt parameter would be answered as if it had been left out. */
function parameterProblem({ parameters }: Guard, query: unknown): Problem | null {
  if (!parameters) return null;
  for (const [name, value] of Object.entries((query ?? {}) as object)) {
    const shown = name.slice(0, LONGEST_SHOWN);
    const isKnown = parameters.includes(name);
    if (isKnown && typeof value === 'string') continue;
    const detail = isKnown
      ? `Give ${shown} once.`
      : `“${shown}” is no parameter of this path. It takes: ${parameters.join(', ') || 'none'}.`;
    return { status: 400, code: 'invalid-parameter', detail };
  }
  return null;
}
