import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import { ROOT } from './database.ts';

/** A request to the sandbox and its answer, as `GET /sandbox/log` tells them. */
export interface Exchange {
  method: string;
  /** The path as it came, without `/api` and version. */
  path: string;
  query: string;
  status: number;
  body: unknown;
  answer: unknown;
  verdict: string;
  /** True when the answer was a fault that somebody asked for. */
  fault?: boolean;
}

type Json = { [key: string]: unknown };
interface Parameter {
  name: string;
  in: string;
  schema: Json;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Json }>; required?: boolean };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Json }> }>;
}
interface OpenApi {
  paths: Record<string, Record<string, Operation | undefined>>;
  components: {
    schemas: Record<string, Json>;
    responses: Record<string, { content: Record<string, { schema: Json }> }>;
  };
}

/** Where Discord's OpenAPI document lies: beside the project, unless GUILDHALL_DISCORD_OPENAPI says otherwise. */
const DOCUMENT = process.env.GUILDHALL_DISCORD_OPENAPI ?? join(ROOT, '..', 'shared', 'discord', 'openapi.json');

/** Endpoints of Discord's documentation that its OpenAPI document leaves out (docs: topics/oauth2). */
const LEFT_OUT: readonly [method: string, path: RegExp][] = [
  ['POST', /^\/oauth2\/token$/],
  ['POST', /^\/oauth2\/token\/revoke$/],
];

/** What the documentation answers as CSV, and its OpenAPI document without a body. */
const CSV = /^\/invites\/[^/]+\/target-users$/;

/**
 * Why exchanges cannot be checked here, or null when they can.
 * @throws Error in CI when the document is missing where it was named, or from a shared folder that is there
 */
export function contractMissing(): string | null {
  if (existsSync(DOCUMENT)) return null;
  const sentence = `Discord's OpenAPI document is not at ${DOCUMENT}: requests and answers are not checked against it`;
  const expected = process.env.GUILDHALL_DISCORD_OPENAPI !== undefined || existsSync(dirname(dirname(DOCUMENT)));
  if (process.env.CI === 'true' && expected) throw new Error(sentence);
  return sentence;
}

/** What breaks Discord's document in these exchanges, a line each; nothing where the document is missing. */
export function contractFaults(exchanges: readonly Exchange[]): string[] {
  if (contractMissing() !== null) return [];
  contract ??= new Contract(JSON.parse(readFileSync(DOCUMENT, 'utf8')));
  const known = contract;
  return [...new Set(exchanges.flatMap((exchange) => known.faults(exchange)))];
}

/** A sandbox whose `stop` fails when a request or an answer broke Discord's document. */
export async function startCheckedSandbox(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  return {
    ...sandbox,
    async stop() {
      const exchanges = (await (await fetch(`${sandbox.url}/sandbox/log`)).json()) as Exchange[];
      await sandbox.stop();
      assertContract(exchanges);
    },
  };
}

/** @throws AssertionError that tells what breaks Discord's document in these exchanges */
export function assertContract(exchanges: readonly Exchange[]): void {
  assert.deepEqual(contractFaults(exchanges), [], "Discord's OpenAPI document is broken");
}

let contract: Contract | undefined;

/** Discord's OpenAPI document as a judge of exchanges. Schemas are compiled when they are first needed. */
class Contract {
  readonly #paths: { segments: string[]; pointer: string; operations: Record<string, Operation | undefined> }[];
  readonly #document: OpenApi;
  readonly #requests: Ajv2020;
  readonly #answers: Ajv2020;

  constructor(document: OpenApi) {
    this.#document = document;
    // Text codes stand under `errors` in the documentation and in practice; the document says numbers.
    const innerErrors = document.components.schemas.InnerErrors as { properties: { _errors: Json } };
    innerErrors.properties._errors.items = {
      type: 'object',
      properties: { code: { type: ['string', 'integer'] }, message: { type: 'string' } },
      required: ['code', 'message'],
    };
    // The documentation says a text, the document an object with its localizations.
    const { properties: application } = document.components.schemas.ApplicationFormPartial as { properties: Json };
    application.description = { anyOf: [{ type: 'string', maxLength: 400 }, application.description] };
    // Every field of it is optional in the documentation, and clients send the avatar alone.
    delete document.components.schemas.BotAccountPatchRequest?.required;
    const rank = (segments: string[]) => segments.map((segment) => (segment.startsWith('{') ? '1' : '0')).join('');
    this.#paths = Object.entries(document.paths)
      .map(([path, operations]) => ({
        segments: path.split('/').slice(1),
        pointer: `#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        operations,
      }))
      // A literal segment goes before a parameter: `/users/@me` is no user's id.
      .sort((a, b) => rank(a.segments).localeCompare(rank(b.segments)));
    this.#answers = judge(loosened(document, false));
    this.#requests = judge(loosened(document, true));
  }

  faults(exchange: Exchange): string[] {
    const { method, path, query, status, body, answer, verdict, fault } = exchange;
    const say = (what: string) => `${method} ${path.split('/').map(shortened).join('/')} → ${status}: ${what}`;
    const found = this.#operation(method, path);
    if (found === undefined) {
      const leftOut = LEFT_OUT.some(([known, pattern]) => known === method && pattern.test(path));
      return leftOut || status === 404 || status === 405 ? [] : [say('the document has no such route')];
    }
    const { operation, pointer } = found;
    const faults: string[] = [];
    const content = operation.requestBody?.content['application/json'];
    if (content !== undefined && status < 400 && status > 0 && !fault) {
      const problem = problemOf(this.#requests, `${pointer}/requestBody/content/application~1json/schema`, body ?? {});
      if (problem !== undefined) faults.push(say(`accepted the body although ${problem}`));
      if (verdict !== 'ok') faults.push(say(`accepted the body with the verdict "${verdict}"`));
    }
    if (fault || status === 0) return faults;
    if (status < 400) {
      const problem = this.#queryProblem(operation, pointer, new URLSearchParams(query));
      if (problem !== undefined) faults.push(say(`accepted the query although ${problem}`));
    }
    const answered = this.#answerSchema(operation, pointer, status);
    if (answered === undefined) faults.push(say('the document knows no such status'));
    else if (answered.schema === undefined && answer !== null && !CSV.test(path))
      faults.push(say('the document knows no body of it'));
    else if (answered.schema !== undefined && answered.schema !== ANYTHING) {
      const problem = problemOf(this.#answers, answered.schema, answer);
      if (problem !== undefined) faults.push(say(`answered ${problem}`));
    }
    return faults;
  }

  #operation(method: string, path: string): { operation: Operation; pointer: string } | undefined {
    const segments = path.split('/').slice(1);
    for (const { segments: pattern, pointer, operations } of this.#paths) {
      const operation = operations[method.toLowerCase()];
      const fits = pattern.length === segments.length && operation !== undefined;
      if (!fits || !pattern.every((part, index) => part.startsWith('{') || part === segments[index])) continue;
      return { operation, pointer: `${pointer}/${method.toLowerCase()}` };
    }
    return undefined;
  }

  /** Queries are text: a value is right when it is so as text, as the number or truth that it spells, or as a list. */
  #queryProblem({ parameters = [] }: Operation, pointer: string, query: URLSearchParams): string | undefined {
    for (const [index, { name, in: place }] of parameters.entries()) {
      const given = query.getAll(name);
      if (place !== 'query' || given.length === 0) continue;
      const [first = ''] = given;
      const spelled = /^-?\d+$/.test(first) ? Number(first) : { true: true, false: false }[first.toLowerCase()];
      const problems = [first, spelled, given, first.split(',')].map((value) =>
        problemOf(this.#answers, `${pointer}/parameters/${index}/schema`, value),
      );
      if (!problems.includes(undefined)) return `${name}=${first}: ${problems[0]}`;
    }
    return undefined;
  }

  /** Where the schema of an answer stands; undefined when the operation has no such status. */
  #answerSchema(operation: Operation, pointer: string, status: number): { schema?: string } | undefined {
    const key = [String(status), `${String(status)[0]}XX`].find((known) => operation.responses[known] !== undefined);
    if (key === undefined) return undefined;
    const reference = operation.responses[key]?.$ref;
    const name = reference?.split('/').at(-1) ?? '';
    const response = reference === undefined ? operation.responses[key] : this.#document.components.responses[name];
    if (response?.content === undefined) return {};
    if (response.content['application/json'] === undefined) return { schema: ANYTHING };
    return { schema: `${reference ?? `${pointer}/responses/${key}`}/content/application~1json/schema` };
  }
}

/** Where an answer is no JSON, such as text/csv. */
const ANYTHING = '';

/** Ids and tokens differ from run to run; faults that are the same otherwise are told once. */
function shortened(segment: string): string {
  if (/^\d{15,20}$/.test(segment)) return ':id';
  return segment.length > 40 ? ':token' : segment;
}

const FORMATS: Record<string, (value: string) => boolean> = {
  snowflake: (value) => /^\d{1,20}$/.test(value),
  uri: (value) => URL.canParse(value),
  'date-time': (value) => /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value)),
  nonce: () => true,
  // The types and bounds of numbers say enough.
  int32: () => true,
  int64: () => true,
  double: () => true,
};

function judge(document: unknown): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, formats: FORMATS });
  return ajv.addSchema(document as Json, 'discord');
}

/** The document without what ajv cannot compile; for requests with numbers as Discord takes them, also as digits. */
function loosened(document: OpenApi, digits: boolean): unknown {
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (typeof value !== 'object' || value === null || key === 'properties') return value;
    if (Array.isArray(value.enum) && value.enum.length === 0) delete value.enum;
    const types: unknown[] = [value.type].flat();
    const open = digits && value.enum === undefined && value.oneOf === undefined && value.allOf === undefined;
    if (open && types.includes('integer')) {
      const { type: _, minimum, maximum, format: __, ...others } = value;
      const bounds = { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
      return {
        ...others,
        anyOf: [
          { type: types, ...bounds },
          { type: 'string', pattern: '^\\d+$' },
        ],
      };
    }
    return value;
  });
}

/** What is wrong with a value by the schema at a pointer: the deepest errors, which say most. */
function problemOf(ajv: Ajv2020, pointer: string, value: unknown): string | undefined {
  const validate: ValidateFunction | undefined = ajv.getSchema(`discord${pointer}`);
  if (validate === undefined) throw new Error(`Discord's document has no schema at ${pointer}`);
  if (validate(value)) return undefined;
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'anyOf');
  const deepest = Math.max(...errors.map(({ instancePath }) => instancePath.split('/').length));
  const told = errors
    .filter(({ instancePath }) => instancePath.split('/').length === deepest)
    .slice(0, 3)
    .map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
  return [...new Set(told)].join('; ') || `it fits ${(validate.errors ?? []).length} choices badly`;
}
