import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/index.ts';
import { snowflakeAt, snowflakeSource, snowflakeTime } from '../../sandbox/state/snowflake.ts';
import { Bench, newFolder, removeFolders, type State } from './kit.ts';

const MAIN = join(import.meta.dirname, '../../sandbox/main.ts');

interface Ready {
  ready: boolean;
  url: string;
  port: number;
  application: { id: string; botToken: string; clientSecret: string; publicKey: string };
  guildId: string;
  error?: string;
}

describe('sandbox: what it keeps', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    removeFolders();
  });

  const run = async (
    folder: string,
    port = 0,
    more: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; ready: Ready }> => {
    const env = { ...process.env, GUILDHALL_DATA: folder, SANDBOX_PORT: `${port}`, SANDBOX_LIMITS: 'off', ...more };
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
    const query = {
      client_id: application.id,
      response_type: 'code',
      redirect_uri: 'http://localhost/',
      scope: 'identify',
    };
    const consent = await fetch(`${first.ready.url}/oauth2/authorize?${new URLSearchParams({ ...query, as: 'ana' })}`, {
      redirect: 'manual',
    });
    const code = new URL(consent.headers.get('location') ?? '').searchParams.get('code') ?? '';
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
    const form = {
      client_id: application.id,
      client_secret: application.clientSecret,
      redirect_uri: 'http://localhost/',
    };
    const exchanged = await fetch(`${ready.url}/api/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, grant_type: 'authorization_code', code }),
    });
    assert.equal(exchanged.status, 200, 'a code given before the kill serves after it');
    child.disconnect();
    await once(child, 'exit');
  });

  it('keeps roles, threads, invites, webhooks, reactions and voice over a restart', async () => {
    const dataFolder = newFolder();
    const first = await Bench.start({ dataFolder });
    const { guildId } = first.sandbox;
    const general = `/channels/${await first.channelId('general')}`;
    const made = async (method: string, path: string, body?: unknown) => (await first.rest(method, path, body)).body;
    const role = await made('POST', `/guilds/${guildId}/roles`, { name: 'Kept' });
    const message = await made('POST', `${general}/messages`, { content: 'x' });
    const thread = await made('POST', `${general}/messages/${message.id}/threads`, { name: 'Kept too' });
    const invite = await made('POST', `${general}/invites`, { max_uses: 3 });
    const webhook = await made('POST', `${general}/webhooks`, { name: 'Kept as well' });
    await made('PUT', `${general}/messages/${message.id}/reactions/${encodeURIComponent('👍')}/@me`);
    await first.control('voice', { as: 'ana', channel: 'Lounge' });
    await first.control('say', { as: 'ana', channel: thread.id, content: 'y' });
    await first.sandbox.stop();
    const second = await Bench.start({ dataFolder });
    const known = async (path: string) => (await second.rest('GET', path)).body;
    assert.equal((await known(`/guilds/${guildId}/roles/${role.id}`)).name, 'Kept');
    assert.equal((await known(`/channels/${thread.id}`)).member_count, 2);
    assert.equal((await known(`/invites/${invite.code}`)).guild_id, guildId);
    assert.equal((await known(`/webhooks/${webhook.id}`)).token, webhook.token);
    const reactions = (await known(`${general}/messages/${message.id}`)).reactions as { count: number }[];
    assert.equal(reactions[0]?.count, 1);
    const ana = (await second.state()).members.find(({ username }) => username === 'ana');
    assert.equal(ana?.voice, await second.channelId('Lounge'));
    await second.stop();
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

  it('begins a new data folder with the file in SANDBOX_STATE, and only a new one', async () => {
    const file = join(newFolder(), 'club.json');
    const write = (name: string) =>
      writeFileSync(file, JSON.stringify({ format: 1, guilds: [{ name, members: [{ username: 'lena' }] }] }));
    const folder = newFolder();
    write('Our club');
    const first = await run(folder, 0, { SANDBOX_STATE: file });
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    write('Another club');
    const second = await run(folder, 0, { SANDBOX_STATE: file });
    const { guild } = (await (await fetch(`${second.ready.url}/sandbox/state`)).json()) as State;
    assert.equal(guild.name, 'Our club');
    writeFileSync(file, '{"format": 1, "guilds": []}');
    const refused = await run(newFolder(), 0, { SANDBOX_STATE: file });
    assert.match(refused.ready.error ?? '', /guilds: /);
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
