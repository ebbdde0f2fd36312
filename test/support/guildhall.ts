import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wait } from '../../platform/clock.ts';
import { homeIn } from '../../platform/database/embedded/home.ts';
import { runningEmbeddedPostgres } from '../../platform/database/embedded/index.ts';
import { findOwnServer } from '../../platform/database/embedded/postmaster.ts';
import { stillRuns } from '../../platform/database/embedded/processes.ts';
import { assertContract, type Exchange } from './contract.ts';
import { createTestDatabase, ROOT, type TestDatabase } from './database.ts';

/** A message as the sandbox shows it. */
export interface SandboxMessage {
  id: string;
  author: string;
  content: string;
  embeds: { title?: string; description?: string; fields?: { name: string; value: string }[] }[];
  attachments: { filename: string; url: string; description?: string }[];
  components: { components: { custom_id: string; label: string }[] }[];
  ephemeralFor: string | null;
  editedAt: string | null;
  mentions: string[];
  mention_roles: string[];
  mention_everyone: boolean;
}

export interface Answered {
  interaction: string;
  acknowledgedMs: number;
  messages: SandboxMessage[];
  modal?: { title: string; custom_id: string };
  error?: string;
}

interface SandboxState {
  application: { botToken: string };
  guild: { id: string };
  channels: { id: string; name: string; messages: SandboxMessage[] }[];
  members: { id: string; username: string; bot: boolean; roles: string[]; dms: SandboxMessage[] }[];
  commands: { name: string; options?: { name: string }[] }[];
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks again until the answer is there. @throws Error with what was waited for */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined | false>, patience = 15_000) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await wait(15);
  }
}

/** The whole program in folders and on ports of its own, as `npm start` runs it. */
export class Guildhall {
  readonly folder = mkdtempSync(join(tmpdir(), 'guildhall-program-'));
  readonly flows = join(this.folder, 'flows');
  data = join(this.folder, 'data');
  /** Where Node-RED's editor and admin API answer. */
  editor = '/editor';
  port = 0;
  sandboxPort = 0;
  output = '';
  private child: ChildProcess | null = null;
  private readonly environment: Record<string, string>;

  private database: TestDatabase | null = null;

  private constructor(environment: Record<string, string>) {
    this.environment = { ...environment };
    cpSync(join(ROOT, 'flows'), this.flows, { recursive: true });
  }

  /** Starts it and waits until it is ready. */
  static async start(environment: Record<string, string> = {}): Promise<Guildhall> {
    const hall = await Guildhall.prepare(environment);
    try {
      await hall.start();
      return hall;
    } catch (error) {
      await hall.remove();
      throw error;
    }
  }

  /** Only makes its folders. */
  static async prepare(environment: Record<string, string> = {}): Promise<Guildhall> {
    const hall = new Guildhall(environment);
    // A database of the run's server, unless it is about the embedded one: to make a server for each takes as long as all
    // the rest of a start.
    if (environment.DATABASE_URL === undefined) {
      hall.database = await createTestDatabase({ migrated: false });
      hall.environment.DATABASE_URL = hall.database.connectionString;
    }
    hall.port = await freePort();
    hall.sandboxPort = await freePort();
    return hall;
  }

  async start(more: Record<string, string> = {}): Promise<void> {
    this.launch(more);
    await this.started(async () => this.output.includes('Stop with Ctrl-C'));
  }

  /** Starts it by Node-RED's own command and waits until it is ready. */
  async startPlain(more: Record<string, string> = {}): Promise<void> {
    this.launch(more, [join(ROOT, 'node_modules', 'node-red', 'red.js'), '-s', join(ROOT, 'settings.js')]);
    await this.started(async () => (await this.health().catch(() => null))?.code === 200);
  }

  /**
   * Starts a Node-RED that is not ours, with its data in `userDir` and nothing else in the environment, and waits until
   * it answers.
   */
  async startForeign(userDir: string, environment: Record<string, string> = {}): Promise<void> {
    this.data = join(userDir, 'guildhall');
    this.editor = '';
    const command = [
      join(ROOT, 'node_modules', 'node-red', 'red.js'),
      '-u',
      userDir,
      '-s',
      join(userDir, 'settings.js'),
    ];
    this.spawn(command, userDir, environment);
    await this.started(async () => /Started flows|Waiting for missing/.test(this.output));
  }

  private async started(ready: () => Promise<boolean>): Promise<void> {
    const { child } = this;
    const isReady = async () => {
      if (child?.exitCode !== null || child.signalCode !== null) throw new Error(`it did not start:\n${this.output}`);
      return ready();
    };
    await until('the start', isReady, 40_000);
  }

  /** Starts it and returns its exit code, for starts that must fail. */
  async startInVain(more: Record<string, string>): Promise<number | null> {
    const child = this.launch(more);
    return new Promise((resolve) => child.once('exit', resolve));
  }

  private launch(more: Record<string, string>, program = [join(ROOT, 'dist', 'program', 'start.js')]): ChildProcess {
    return this.spawn(program, this.folder, {
      PORT: String(this.port),
      SANDBOX_PORT: String(this.sandboxPort),
      SANDBOX_LIMITS: 'off',
      GUILDHALL_DATA: this.data,
      GUILDHALL_FLOWS: this.flows,
      GUILDHALL_EDITOR_PASSWORD: 'a long enough password',
      ...this.environment,
      ...more,
    });
  }

  private spawn(program: string[], cwd: string, environment: Record<string, string>): ChildProcess {
    this.output = '';
    const child = spawn(process.execPath, program, {
      cwd,
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer) => {
      this.output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    this.child = child;
    // A run that is broken off leaves nothing behind.
    const end = () => child.kill();
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    return child;
  }

  /** Runs another program of the project on the same data, beside the running one. */
  run(script: string, ...words: string[]): { status: number | null; output: string } {
    const { DATABASE_URL } = this.environment;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist', 'program', script), ...words], {
      env: {
        PATH: process.env.PATH,
        GUILDHALL_DATA: this.data,
        ...(DATABASE_URL ? { DATABASE_URL } : {}),
      },
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  /** The address of its database. @throws Error while the embedded one does not run */
  get connectionString(): string {
    const address = this.environment.DATABASE_URL || runningEmbeddedPostgres(join(this.data, 'postgres'));
    if (!address) throw new Error('the embedded PostgreSQL does not run');
    return address;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Ends it by a signal and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    return gone;
  }

  /**
   * Ends it and removes its folders.
   * @throws AssertionError when its calls or the sandbox's answers broke Discord's OpenAPI document
   */
  async remove(): Promise<void> {
    const exchanges = await this.sandbox<Exchange[]>('log').catch(() => []);
    await this.end();
    await this.endOrphan();
    await this.database?.drop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
    assertContract(exchanges);
  }

  /** Ends the PostgreSQL that a killed program left behind. */
  private async endOrphan(): Promise<void> {
    const server = findOwnServer(homeIn(join(this.data, 'postgres')))?.process;
    if (!server) return;
    process.kill(server.pid, 'SIGQUIT');
    await until('the end of PostgreSQL', async () => !stillRuns(server));
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async sandbox<T>(path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.sandboxPort}/sandbox/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer as T;
  }

  state = () => this.sandbox<SandboxState>('state');
  command = (as: string, input: string, channel = 'general') =>
    this.sandbox<Answered>('command', { as, input, channel });
  faults = (fault: object) => this.sandbox<object>('faults', fault);
  clearFaults = () => this.sandbox<object>('faults', undefined, 'DELETE');
  press = (as: string, message: string, label: string) => this.sandbox<Answered>('press', { as, message, label });
  submit = (as: string, interaction: string, fields: object) =>
    this.sandbox<Answered>('submit', { as, interaction, fields });

  async messages(channel: string): Promise<SandboxMessage[]> {
    const { channels } = await this.state();
    return channels.find(({ name }) => name === channel)?.messages ?? [];
  }

  async directMessages(username: string): Promise<SandboxMessage[]> {
    const { members } = await this.state();
    return members.find((member) => member.username === username)?.dms ?? [];
  }

  /** The card of a request in the approvers' channel, once it is there. */
  card(request: number): Promise<SandboxMessage> {
    return until(`the card of request ${request}`, async () =>
      (await this.messages('credit-approvals')).find(({ embeds }) =>
        new RegExp(`^Request #${request}\\b`).test(embeds[0]?.title ?? ''),
      ),
    );
  }

  /** Asks for credits and returns the request's number. */
  async ask(as: string, amount: number, kind = 'ai-credit'): Promise<number> {
    const { messages } = await this.command(as, `/request ${kind} amount:${amount}`);
    const number = /request #(\d+)/.exec(messages[0]?.content ?? '')?.[1];
    if (!number) throw new Error(`no request was made: ${JSON.stringify(messages)}`);
    return Number(number);
  }

  /** What /profile says of both balances. */
  async balances(as: string): Promise<{ ai: number; lead: number }> {
    const { messages } = await this.command(as, '/profile');
    const value = (name: string) =>
      Number(messages[0]?.embeds[0]?.fields?.find((field) => field.name === name)?.value ?? Number.NaN);
    return { ai: value('AI credits'), lead: value('Lead credits') };
  }

  private token = '';

  /** The editor's access token. */
  async signIn(): Promise<string> {
    if (!this.token) {
      const response = await fetch(`${this.base}/editor/auth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: 'node-red-admin',
          grant_type: 'password',
          scope: '*',
          username: 'admin',
          password: 'a long enough password',
        }),
      });
      this.token = ((await response.json()) as { access_token: string }).access_token;
    }
    return this.token;
  }

  /** Asks Node-RED's admin API, signed in. */
  async admin<T>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`${this.base}${this.editor}/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(this.editor && { authorization: `Bearer ${await this.signIn()}` }),
        'content-type': 'application/json',
        'node-red-api-version': 'v2',
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? null : await response.json()) as T;
  }

  /** Forgets the sign-in, for after a restart with other settings. */
  signOut(): void {
    this.token = '';
  }

  /** What a health page says, with its status. */
  async health(path = '/health'): Promise<{ code: number; problems: string[]; status: string }> {
    const response = await fetch(`${this.base}${path}`);
    return { code: response.status, problems: [], ...((await response.json()) as { status: string }) };
  }

  /** Changes the flows as an admin does, and deploys them. */
  async deploy(change: (flows: FlowNode[]) => FlowNode[], type = 'full'): Promise<void> {
    const { flows, rev } = await this.admin<{ flows: FlowNode[]; rev: string }>('flows');
    await this.admin('flows', { flows: change(flows), rev }, { 'node-red-deployment-type': type });
  }
}

export interface FlowNode {
  id: string;
  type: string;
  z?: string;
  name?: string;
  wires?: string[][];
  [property: string]: unknown;
}
