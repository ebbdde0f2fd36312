import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import WebSocket from 'ws';
import { findProcess } from '../../platform/database/embedded/processes.ts';
import { type Guildhall, until } from './guildhall.ts';

/** Asks the database of a running program. */
export async function query<Row extends object>(hall: Guildhall, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: hall.connectionString });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until flows have handled every event that was written. */
export async function allHandled(hall: Guildhall, patience?: number): Promise<void> {
  const waiting = `
    select id::text from events where handled_at is null
    union select id::text from jobs.job where name = 'events' and state < 'completed'`;
  await until('every event to be handled', async () => (await query(hall, waiting)).length === 0, patience);
}

/** The process of the embedded PostgreSQL, or 0 while there is none. */
export function postgresPid(hall: Guildhall): number {
  try {
    const file = readFileSync(join(hall.data, 'postgres', 'data', 'postmaster.pid'), 'utf8');
    return Number(file.split('\n', 1)[0]);
  } catch {
    return 0;
  }
}

/** The processes that a process started itself. */
export function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.filter(([, parent]) => parent === pid).map(([child = 0]) => child);
}

/** True while a process of this id runs. */
export function runs(pid: number): boolean {
  return findProcess(pid) !== null;
}

/** True where nobody listens on a port of this machine. */
export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A node's status, as the editor shows it. */
export interface NodeStatus {
  fill?: string;
  shape?: string;
  text?: string;
}

/** Follows the status of every node, as the editor does, until `stop` is called. */
export async function followStatus(
  hall: Guildhall,
): Promise<{ of(node: string): NodeStatus | undefined; stop(): void }> {
  const statuses = new Map<string, NodeStatus>();
  const socket = new WebSocket(`${hall.base.replace('http', 'ws')}${hall.editor}/comms`);
  const opened = new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  await opened;
  if (hall.editor) {
    socket.send(JSON.stringify({ auth: await hall.signIn() }));
    await new Promise((resolve) => socket.once('message', resolve));
  }
  socket.on('message', (message) => {
    for (const { topic, data } of [JSON.parse(String(message))].flat()) {
      if (String(topic).startsWith('status/')) statuses.set(topic.slice('status/'.length), data);
    }
  });
  socket.send(JSON.stringify({ subscribe: 'status/#' }));
  return { of: (node) => statuses.get(node), stop: () => socket.terminate() };
}

/** A message as Discord's REST API gives it. */
export interface RestMessage {
  id: string;
  content: string;
  embeds: { title?: string }[];
  components: unknown[];
}

const PAGE = 100;
/** A sandbox keeps its token over restarts. */
const tokens = new WeakMap<Guildhall, string>();

async function botToken(hall: Guildhall): Promise<string> {
  const token = tokens.get(hall) ?? (await hall.state()).application.botToken;
  tokens.set(hall, token);
  return token;
}

/** Every message of a channel that all see, from the oldest on; the state shows only the newest ones. */
export async function allMessages(hall: Guildhall, channel: string, after = '0'): Promise<RestMessage[]> {
  const authorization = `Bot ${await botToken(hall)}`;
  const messages: RestMessage[] = [];
  for (let last = after; ; ) {
    const url = `http://127.0.0.1:${hall.sandboxPort}/api/v10/channels/${channel}/messages?limit=${PAGE}&after=${last}`;
    const response = await fetch(url, { headers: { authorization } });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const page = ((await response.json()) as RestMessage[]).reverse();
    messages.push(...page);
    last = page.at(-1)?.id ?? last;
    if (page.length < PAGE) return messages;
  }
}
