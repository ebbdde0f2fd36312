import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/index.ts';
import { snowflakeAt, snowflakeSource, snowflakeTime } from '../../sandbox/state/snowflake.ts';
import { Bench, newFolder, removeFolders, type State } from './kit.ts';

const MAIN = join(import.meta.dirname, '../../sandbox/main.ts');

interface Ready {
  ready: boolean;
  url: string;
  port: number;
  application: { id: string; botToken: string; publicKey: string };
  guildId: string;
  error?: string;
}

describe('sandbox: what it keeps', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    removeFolders();
  });

  const run = async (folder: string, port = 0): Promise<{ child: ChildProcess; ready: Ready }> => {
    const env = { ...process.env, GUILDHALL_DATA: folder, SANDBOX_PORT: `${port}`, SANDBOX_LIMITS: 'off' };
    const child = fork(MAIN, [], { env, execPath: process.execPath, execArgv: [], stdio: 'ignore' });
    children.push(child);
    const [ready] = (await once(child, 'message')) as [Ready];
    return { child, ready };
  };

  it('survives kill -9 with everything that was answered', async () => {
    const folder = newFolder();
    const first = await run(folder);
    const api = (path: string, method: string, body: unknown) =>
      fetch(`${first.ready.url}${path}`, {
        method,
        headers: { authorization: `Bot ${first.ready.application.botToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then((response) => response.json() as Promise<{ id: string }>);
    const { application, guildId } = first.ready;
    const state = async (url: string) => (await (await fetch(`${url}/sandbox/state`)).json()) as State;
    const general = (await state(first.ready.url)).channels[0]?.id;
    await api(`/api/applications/${application.id}/guilds/${guildId}/commands`, 'PUT', [
      { name: 'a', description: 'A' },
    ]);
    await api('/sandbox/join', 'POST', { username: 'late.comer' });
    await api('/sandbox/roles', 'POST', { as: 'late.comer', add: ['Elite'] });
    const sent = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        api(`/api/channels/${general}/messages`, 'POST', { content: `${index}` }),
      ),
    );
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    appendFileSync(join(folder, 'sandbox', 'journal.jsonl'), '[["messages","torn');
    const { child, ready } = await run(folder);
    assert.deepEqual([ready.application, ready.guildId], [application, guildId]);
    const after = await state(ready.url);
    assert.deepEqual(after.channels[0]?.messages.map(({ id }) => id).sort(), sent.map(({ id }) => id).sort());
    assert.deepEqual(after.members.find(({ username }) => username === 'late.comer')?.roles, ['Elite']);
    assert.deepEqual(
      after.commands.map(({ name }) => name),
      ['a'],
    );
    child.disconnect();
    await once(child, 'exit');
  });

  it('says when its port is taken', async () => {
    const { ready } = await run(newFolder());
    const second = await run(newFolder(), ready.port);
    assert.deepEqual(second.ready, { error: 'EADDRINUSE', port: ready.port });
    const [code] = await once(second.child, 'exit');
    assert.equal(code, 1);
  });

  it('stops on SIGTERM, and speaks alone without a parent that listens', async () => {
    const env = { ...process.env, GUILDHALL_DATA: newFolder(), SANDBOX_PORT: '0' };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    let output = '';
    for await (const chunk of child.stdout) {
      output += chunk;
      if (output.includes('Ctrl-C')) child.kill('SIGTERM');
    }
    assert.match(output, /http:\/\/127\.0\.0\.1:\d+\/api\n.*Guild +\d{17,19}\n/s);
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    assert.equal(code, 0);
  });

  it('has the same people everywhere and its own secrets', async () => {
    const one = await Bench.start();
    const two = await Bench.start();
    const [first, second] = [await one.state(), await two.state()];
    assert.deepEqual(
      first.members.map(({ id }) => id),
      second.members.map(({ id }) => id),
    );
    assert.notEqual(first.application.botToken, second.application.botToken);
    await one.stop();
    await two.stop();
  });

  it('keeps its port from a second one in process', async () => {
    const bench = await Bench.start();
    const { port } = bench.sandbox;
    await assert.rejects(() => startSandbox({ port, dataFolder: newFolder() }), /EADDRINUSE/);
    await bench.stop();
  });

  it('makes ids that sort by time, also when the clock stands or goes back', () => {
    let now = Date.UTC(2026, 0, 1);
    const next = snowflakeSource(() => now);
    const ids = [next(), next()];
    now -= 1000;
    ids.push(next());
    now += 5000;
    ids.push(next());
    assert.deepEqual(
      [...ids].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
      ids,
    );
    assert.equal(new Set(ids).size, 4);
    assert.equal(snowflakeTime(snowflakeAt(now, 7)), now);
  });
});
