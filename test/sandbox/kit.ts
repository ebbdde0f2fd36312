import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type APIActionRowComponent,
  type APIModalInteractionResponseCallbackData,
  type APITextInputComponent,
  Client,
  type ClientOptions,
  DiscordAPIError,
  GatewayIntentBits,
  type Interaction,
} from 'discord.js';
import type { Clock, Sandbox, SandboxOptions } from '../../sandbox/index.ts';
import { type Exchange, startCheckedSandbox } from '../support/contract.ts';

/** A message as the control API shows it. */
export interface View {
  id: string;
  channel: string;
  author: string;
  content: string;
  embeds: Record<string, unknown>[];
  components: { type: number; components: { custom_id?: string; label?: string; disabled?: boolean }[] }[];
  attachments: { url: string; filename: string }[];
  ephemeralFor: string | null;
  editedAt: string | null;
  mentions: string[];
  mention_roles: string[];
  mention_everyone: boolean;
}

/** What the control API answers for a command, a press or a submission. */
export interface Outcome {
  status: number;
  interaction: string;
  acknowledgedMs: number | null;
  answeredMs: number | null;
  messages: View[];
  modal?: { custom_id: string; title: string };
  choices?: { name: string; value: string }[];
  error?: string;
}

export interface State {
  application: { id: string; botToken: string };
  guild: { id: string; name: string };
  guilds: {
    id: string;
    name: string;
    roles: { id: string; name: string; managed: boolean }[];
    members: { username: string }[];
  }[];
  roles: { id: string; name: string; position: number; managed: boolean }[];
  channels: { id: string; name: string; type: number; messages: View[] }[];
  members: {
    id: string;
    username: string;
    name: string;
    bot: boolean;
    roles: string[];
    dms: View[];
    voice: string | null;
  }[];
  commands: { id: string; name: string }[];
  connected: number;
  invalidRequests: { count: number };
}

export interface LogEntry extends Exchange {
  route: string;
  ms: number;
}

/** An answer of the REST API. */
export interface Rest {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { id: string; code: number; errors?: Record<string, unknown> };
}

/** A clock that a test can set forward: what was due by then happens at once. */
export class ForwardClock implements Clock {
  #ahead = 0;
  readonly #waits = new Set<{ due: number; fire: () => void }>();

  forward(ms: number): void {
    this.#ahead += ms;
    for (const wait of [...this.#waits]) if (wait.due <= this.now()) wait.fire();
  }

  now(): number {
    return Date.now() + this.#ahead;
  }

  after(ms: number, run: () => void): () => void {
    const cancel = () => {
      clearTimeout(timer);
      this.#waits.delete(wait);
    };
    const fire = () => {
      cancel();
      run();
    };
    const wait = { due: this.now() + ms, fire };
    const timer = setTimeout(fire, ms);
    this.#waits.add(wait);
    return cancel;
  }
}

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-sandbox-'));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Changes the records of a stopped sandbox, as `change` says. */
export function rewriteRecords(
  dataFolder: string,
  change: (collection: string, record: Record<string, unknown>) => Record<string, unknown>,
): void {
  const journal = join(dataFolder, 'sandbox', 'journal.jsonl');
  const operations = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line) as [string, string, Record<string, unknown>?][]);
  const changed = operations.map(([collection, id, record]) =>
    record === undefined ? [collection, id] : [collection, id, change(collection, record)],
  );
  writeFileSync(journal, `${JSON.stringify(changed)}\n`);
}

export type Handler = (interaction: Interaction, client: Client) => Promise<unknown> | unknown;

/** A sandbox with what a test needs around it; `stop` ends its clients, its server and its folder. */
export class Bench {
  sandbox: Sandbox;
  readonly #clients: Client[] = [];
  readonly #options: SandboxOptions;

  private constructor(sandbox: Sandbox, options: SandboxOptions) {
    this.sandbox = sandbox;
    this.#options = options;
  }

  static async start(
    options: { speed?: number; limits?: boolean; dataFolder?: string; clock?: Clock } = {},
  ): Promise<Bench> {
    const { dataFolder = newFolder(), limits = false } = options;
    const whole = { ...options, port: 0, dataFolder, limits };
    return new Bench(await startCheckedSandbox(whole), whole);
  }

  /** A sandbox whose bot has only these permissions, and whose channels have these overwrites of @everyone. */
  static async startWith({
    permissions,
    denied = {},
  }: {
    permissions: bigint;
    denied?: Record<string, bigint>;
  }): Promise<Bench> {
    const dataFolder = newFolder();
    const first = await startCheckedSandbox({ port: 0, dataFolder });
    await first.stop();
    rewriteRecords(dataFolder, (collection, record) => {
      if (collection === 'roles' && record.managed) return { ...record, permissions: String(permissions) };
      const deny = collection === 'channels' ? denied[String(record.name)] : undefined;
      if (deny === undefined) return record;
      return { ...record, permission_overwrites: [{ id: record.guild_id, type: 0, allow: '0', deny: String(deny) }] };
    });
    return Bench.start({ dataFolder });
  }

  get url(): string {
    return this.sandbox.url;
  }

  /** @throws AssertionError when a request or an answer broke Discord's OpenAPI document */
  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.destroy();
    await this.sandbox.stop().finally(removeFolders);
  }

  /** Stops the sandbox and starts it again with its state, at the same address. */
  async restart(): Promise<void> {
    const { port } = this.sandbox;
    await this.sandbox.stop();
    this.sandbox = await startCheckedSandbox({ ...this.#options, port });
  }

  /** A discord.js client, logged in and ready. */
  async login(options: Partial<ClientOptions> = {}): Promise<Client<true>> {
    const client = this.client(options);
    const ready = new Promise<Client<true>>((resolve) => client.once('clientReady', resolve));
    await client.login(this.sandbox.application.botToken);
    return ready;
  }

  client(options: Partial<ClientOptions> = {}): Client {
    const { rest, ...others } = options;
    const client = new Client({
      intents: [GatewayIntentBits.Guilds],
      ...others,
      rest: { api: `${this.url}/api`, retries: 0, ...rest },
    });
    client.on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** A client that has `commands` registered in the first guild and answers with `handler`. */
  async bot(
    commands: Record<string, unknown>[],
    handler: Handler,
    options: Partial<ClientOptions> = {},
  ): Promise<Client<true>> {
    const client = await this.login(options);
    client.on('interactionCreate', async (interaction) => {
      await handler(interaction, client);
    });
    await this.register(commands);
    return client;
  }

  register(commands: Record<string, unknown>[]): Promise<Rest> {
    const { application, guildId } = this.sandbox;
    return this.rest('PUT', `/applications/${application.id}/guilds/${guildId}/commands`, commands);
  }

  async state(): Promise<State> {
    return (await (await fetch(`${this.url}/sandbox/state`)).json()) as State;
  }

  async log(): Promise<LogEntry[]> {
    return (await (await fetch(`${this.url}/sandbox/log`)).json()) as LogEntry[];
  }

  async channelId(name: string): Promise<string> {
    return (await this.state()).channels.find((channel) => channel.name === name)?.id ?? '';
  }

  async memberId(username: string): Promise<string> {
    return (await this.state()).members.find((member) => member.username === username)?.id ?? '';
  }

  async roleId(name: string): Promise<string> {
    return (await this.state()).roles.find((role) => role.name === name)?.id ?? '';
  }

  async control(path: string, body: Record<string, unknown>): Promise<Outcome> {
    const response = await fetch(`${this.url}/sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as Omit<Outcome, 'status'>) };
  }

  command(as: string, input: string, more: Record<string, unknown> = {}): Promise<Outcome> {
    return this.control('command', { as, input, ...more });
  }

  clearFaults(): Promise<Response> {
    return fetch(`${this.url}/sandbox/faults`, { method: 'DELETE' });
  }

  async rest(
    method: string,
    path: string,
    body?: unknown,
    {
      token = `Bot ${this.sandbox.application.botToken}`,
      signal,
    }: { token?: string | null; signal?: AbortSignal } = {},
  ): Promise<Rest> {
    const response = await fetch(`${this.url}/api/v10${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: token }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : {} };
  }
}

/** A slash command's registration. */
export function slash(name: string, options: Record<string, unknown>[] = []): Record<string, unknown> {
  return { name, description: `The command ${name}`, options };
}

export function button(custom_id: string, label: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 2, style: 1, custom_id, label, ...more };
}

export function row(...components: Record<string, unknown>[]): Record<string, unknown> {
  return { type: 1, components };
}

/** A modal with one text field. */
export function modalWith(
  custom_id: string,
  field: Partial<APITextInputComponent> & { custom_id: string },
): APIModalInteractionResponseCallbackData {
  const input: APIActionRowComponent<APITextInputComponent> = {
    type: 1,
    components: [{ type: 4, style: 1, label: field.custom_id, ...field }],
  };
  return { custom_id, title: 'A form', components: [input] };
}

/** Waits until `test` holds; fails after ten seconds. */
export async function eventually(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await test())) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Expects Discord's refusal with this code. */
export async function refuses(attempt: Promise<unknown> | undefined, code: number): Promise<void> {
  const result = await Promise.resolve(attempt).then(
    () => 'no refusal',
    (error: unknown) => error,
  );
  if (result instanceof DiscordAPIError) assert.equal(result.code, code, result.message);
  else assert.fail(`expected ${code}: ${String(result)}`);
}
