import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { readConfiguration } from '../../platform/configuration.ts';
import { statusOf } from '../../platform/discord/connection.ts';
import { inspectDiscord } from '../../platform/discord/inspection.ts';
import { type Examined, examine, type Finding } from '../../platform/doctor/index.ts';
import { createNeeds, type DeployedNeed } from '../../platform/needs.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { newFolder, removeFolders } from '../sandbox/kit.ts';
import { startCheckedSandbox } from '../support/contract.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const node = { id: 'n1', type: 'guildhall-discord-message', name: 'the card' };
const CARD: DeployedNeed = {
  permissions: ['ViewChannel', 'SendMessages', 'EmbedLinks'],
  channel: 'credit-approvals',
  node,
};

const NOBODY = 'http://127.0.0.1:1/api';

/** Somebody else's server that takes interactions, and answers Discord's trial of it. */
async function answering(publicKey: string) {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey, 'hex')]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [Buffer.from(String(request.headers['x-signature-timestamp']))];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const signature = Buffer.from(String(request.headers['x-signature-ed25519']), 'hex');
    const signed = verify(null, Buffer.concat(chunks), key, signature);
    response.writeHead(signed ? 200 : 401, { 'content-type': 'application/json' }).end('{"type":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/interactions`, close: () => server.close() };
}

describe('doctor', () => {
  let sandbox: Sandbox;
  let test: TestDatabase;
  let examined: Examined;

  before(async () => {
    const folder = newFolder();
    sandbox = await startCheckedSandbox({ port: 0, dataFolder: folder, limits: false });
    test = await createTestDatabase();
    const flows = join(folder, 'flows');
    mkdirSync(flows);
    writeFileSync(join(flows, 'good.json'), '[]');
    const { id, botToken, publicKey } = sandbox.application;
    const configuration = readConfiguration({ GUILDHALL_DATA: folder, GUILDHALL_FLOWS: flows }, '/');
    examined = {
      configuration,
      discordSettings: {
        token: botToken,
        applicationId: id,
        guildId: sandbox.guildId,
        apiBase: `${sandbox.url.replace(/\/$/, '')}/api`,
        publicKey,
        clientSecret: null,
      },
      needs: createNeeds(),
      database: test.database,
    };
  });
  after(async () => {
    await sandbox.stop();
    await test.drop();
    removeFolders();
  });
  afterEach(() => control('faults', undefined, 'DELETE'));

  const control = async (path: string, body?: object, method = 'POST') => {
    const response = await fetch(new URL(`/sandbox/${path}`, sandbox.url), {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    assert.ok(response.ok, await response.text());
  };
  /** The findings of an examination with these needs, by id without what they are about. */
  const find = async (needs: DeployedNeed[] = [CARD], changes: Partial<Examined> = {}) => {
    const deployed = createNeeds();
    deployed.add(needs);
    const findings = await examine({ ...examined, needs: deployed, ...changes });
    return (id: string): Finding => {
      const finding = findings.find((found) => found.id.split(':')[0] === id);
      assert.ok(finding, `no finding ${id} among ${findings.map((found) => found.id)}`);
      return finding;
    };
  };
  const bot = (changes: object) => ({ discordSettings: { ...examined.discordSettings, ...changes } as never });

  it('finds nothing wrong where nothing is, and says what it looked at', async () => {
    const deployed = createNeeds();
    deployed.add([CARD, { namesRoles: ['Approver'], node }]);
    const findings = await examine({ ...examined, needs: deployed });
    assert.deepEqual(
      findings.filter(({ state, area }) => state !== 'ok' && area !== 'machine'),
      [],
    );
    const areas = new Set(findings.map(({ id }) => id.split(':')[0]));
    for (const id of ['token', 'application', 'public-key', 'intents', 'server', 'channel', 'database', 'clock']) {
      assert.ok(areas.has(id), id);
    }
    assert.ok(findings.every(({ title, detail, fix }) => !/\{\{|undefined/.test(title + detail + fix)));
  });

  it('says what one server lacks, also where the bot is not in another', async () => {
    const intakes = { communities: () => [sandbox.guildId, '9'.repeat(18)] };
    const found = await find([{ ...CARD, channel: 'nowhere' }], { intakes });
    assert.equal(found('channel').state, 'problem');
  });

  it('says one thing about a refused token, and nothing of it', async () => {
    const token = 'MTIz.wrong.token-canary';
    const findings = await examine({ ...examined, ...bot({ token }) });
    const ofBot = findings.filter(({ area }) => area !== 'machine');
    assert.deepEqual(
      ofBot.map(({ id, state }) => [id, state]),
      [['token', 'problem']],
    );
    assert.match(ofBot[0]?.fix ?? '', /Reset Token/);
    assert.ok(!JSON.stringify(findings).includes('canary'));
  });

  it('tells a Discord that is away from a token that is wrong', async () => {
    const away = async (apiBase: string, environment: Record<string, string> = {}) => {
      const configuration = readConfiguration(
        { ...environment, GUILDHALL_FLOWS: examined.configuration.flowsFolder },
        '/',
      );
      const registration = { registered: () => false, problems: () => [] };
      const status = { current: () => statusOf('reconnecting', 'dropped') };
      const changes = { ...bot({ apiBase }), configuration, registration, status };
      const findings = await examine({ ...examined, ...changes });
      const [{ title, fix } = { title: '', fix: '' }, ...more] = findings.filter(({ area }) => area !== 'machine');
      assert.deepEqual(more, []);
      return { title, fix };
    };
    const own = await away(NOBODY);
    assert.match(own.title, /sandbox cannot be reached/);
    assert.match(own.fix, /Stop Guildhall and start it again/);
    const named = await away(NOBODY, { DISCORD_API_BASE: NOBODY });
    assert.match(named.title, /DISCORD_API_BASE names cannot be reached/);
    assert.match(named.fix, /Start that sandbox again, or unset DISCORD_API_BASE/);
    const live = await away('https://nobody.invalid.discord.com/api');
    assert.match(live.title, /Discord cannot be reached/);
    assert.match(live.fix, /internet/);
  });

  it('sees that token, application and public key belong together', async () => {
    const found = await find([CARD], bot({ applicationId: '1'.repeat(18), publicKey: 'a'.repeat(64) }));
    assert.equal(found('application').state, 'problem');
    assert.match(found('application').fix, new RegExp(sandbox.application.id));
    assert.match(found('public-key').fix, /General Information/);
  });

  it('names a server that the bot is not in, with the link that invites it', async () => {
    const found = await find([CARD], bot({ guildId: '9'.repeat(18) }));
    assert.equal(found('server').state, 'problem');
    assert.match(found('server').fix, /oauth2\/authorize\?.*permissions=19456/);
  });

  it('names a missing channel and the node that names it', async () => {
    const found = await find([{ ...CARD, channel: 'nowhere' }]);
    assert.match(found('channel').title, /#nowhere/);
    assert.match(found('channel').fix, /“the card”/);
  });

  it('names a permission that the bot lacks, and where to switch it on', async () => {
    await control('faults', { permission: 'EMBED_LINKS', lacking: true });
    const found = await find();
    assert.equal(found('channel').state, 'problem');
    assert.match(found('channel').fix, /Embed Links/);
    assert.doesNotMatch(found('channel').fix, /Send Messages/);
  });

  it('gives the one fix for a role that stands too high', async () => {
    assert.equal((await find([{ movesRoles: ['Top 10', 'Elite'], node }]))('role-order').state, 'ok');
    const { state, fix } = (await find([{ movesRoles: ['Top 10', 'Founder'], node }]))('role-order');
    assert.equal(state, 'problem');
    assert.match(fix, /drag Guildhall above Founder/);
  });

  it('names roles that are not there', async () => {
    const found = await find([
      { movesRoles: ['Nobody'], node },
      { namesRoles: ['Judge', 'Jury'], node },
    ]);
    assert.match(found('role').title, /Nobody/);
    assert.match(found('approver-roles').detail, /Judge, Jury/);
  });

  it('says which intent to switch on', async () => {
    const needs: DeployedNeed[] = [{ intents: ['GuildMembers', 'GuildMessages'], node }];
    assert.equal((await find(needs))('intents').state, 'ok');
    await allowIntents(0);
    try {
      const { state, fix } = (await find(needs))('intents');
      assert.equal(state, 'problem');
      assert.match(fix, /choose Bot, and under Privileged Gateway Intents switch on Server Members Intent;/);
      assert.equal((await find())('intents').state, 'ok');
    } finally {
      await allowIntents((1 << 13) | (1 << 15) | (1 << 19));
    }
  });

  /** Flips the switches of the application's privileged intents, as its owner does in the Developer Portal. */
  const allowIntents = async (flags: number) => {
    const response = await fetch(new URL('/api/v10/applications/@me', sandbox.url), {
      method: 'PATCH',
      headers: { authorization: `Bot ${sandbox.application.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ flags }),
    });
    assert.ok(response.ok);
  };

  it('knows where Discord sends people back to, and where it sends interactions', async () => {
    const configuration = { ...examined.configuration, publicUrl: 'https://hall.example.com' };
    const settings = bot({ clientSecret: sandbox.application.clientSecret });
    const found = await find([CARD], { configuration, ...settings });
    assert.equal(found('client-secret').state, 'ok');
    assert.equal(found('endpoint').state, 'ok');
    assert.match(found('redirect').fix, /under Redirects add https:\/\/hall\.example\.com\/auth\/discord\/callback/);
    await control('application', { redirectUris: ['https://hall.example.com/auth/discord/callback'] });
    assert.equal((await find([CARD], { configuration, ...settings }))('redirect').state, 'ok');
    assert.match((await find([CARD], bot({ clientSecret: 'wrong' })))('client-secret').fix, /Reset Secret/);
  });

  it('asks once for what Discord said of a client secret, and again where it did not say', async () => {
    const statuses = [503, 200, 401, 200];
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        const status = statuses.shift() ?? 500;
        response.writeHead(status).end(status === 401 ? '{"error":"invalid_client"}' : '{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const kinds: string[] = [];
    for (const secret of ['right', 'right', 'right', 'wrong', 'wrong', 'right']) {
      const inspection = inspectDiscord({ token: 'x', apiBase: `http://127.0.0.1:${port}/api` });
      kinds.push((await inspection.clientSecret('1', secret)).kind);
    }
    server.close();
    assert.deepEqual(kinds, ['retry', 'done', 'done', 'admin', 'admin', 'done']);
    assert.deepEqual(statuses, []);
  });

  it('says when commands go to another server than this one', async () => {
    const elsewhere = await answering(sandbox.application.publicKey);
    await control('application', { interactionsEndpointUrl: elsewhere.url });
    try {
      const { state, fix } = (await find())('endpoint');
      assert.equal(state, 'problem');
      assert.match(fix, /empty Interactions Endpoint URL/);
    } finally {
      await control('application', { interactionsEndpointUrl: null });
      elsewhere.close();
    }
  });

  it('compares this machine’s clock with Discord’s', async () => {
    const late = createServer((_request, response) => {
      response.sendDate = false;
      response.writeHead(200, {
        'content-type': 'application/json',
        date: new Date(Date.now() - 120_000).toUTCString(),
      });
      response.end('{"id":"1","username":"late","avatar":null}');
    });
    await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve));
    const { port } = late.address() as { port: number };
    const inspection = inspectDiscord({ token: 'a.b.c', apiBase: `http://127.0.0.1:${port}/api` });
    assert.equal(inspection.clockAhead(), null);
    assert.equal((await inspection.self()).kind, 'done');
    assert.ok(Number(inspection.clockAhead()) >= 120_000);
    late.close();
  });

  it('names the broken flow file and quotes nothing of it', async () => {
    const { flowsFolder } = examined.configuration;
    writeFileSync(join(flowsFolder, 'bad.json'), '[{"secret": canary');
    const { detail, state } = (await find())('flow-files');
    assert.equal(state, 'problem');
    assert.match(detail, /bad\.json/);
    assert.doesNotMatch(detail, /canary/);
  });

  it('says that the database does not take anything', async () => {
    const gone = await createTestDatabase();
    await gone.drop();
    const found = await find([CARD], { database: gone.database });
    assert.equal(found('database').state, 'problem');
    assert.ok(found('clock'));
  });
});
