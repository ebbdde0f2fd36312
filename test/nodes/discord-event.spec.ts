import assert from 'node:assert/strict';
import discordEvent from '../../nodes/intakes/discord-event/node.ts';
import { health } from '../../program/health.ts';
import { until } from '../support/guildhall.ts';
import { type NodeHouse, startNodeHouse } from '../support/node-house.ts';

interface Happened {
  payload: {
    member: { id: string; username: string; roles: string[] };
    added?: string[];
    removed?: string[];
    message?: { id: string; content: string };
    emoji?: string;
  };
  actor: { discord_id: string; player: number | null };
  event: { id: string };
}

describe('discord-event', () => {
  let house: NodeHouse;
  before(async function () {
    this.timeout(60_000);
    house = await startNodeHouse();
  });
  afterEach(() => house.red.unload());
  after(() => house?.stop());

  const ALLOWED = (1 << 15) | (1 << 19);
  const application = (flags: number) =>
    fetch(`${house.sandbox.url}/api/v10/applications/@me`, {
      method: 'PATCH',
      headers: { authorization: `Bot ${house.sandbox.application.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ flags }),
    }).then(({ status }) => assert.equal(status, 200));
  /** The intents of each connection that the bot asked for. */
  const identified = async (): Promise<string[][]> => {
    const found: string[][] = [];
    for (let number = 1; ; number += 1) {
      const event = await house
        .control<{ data: { names?: string[]; intents?: number } }>(`trace?event=${number}`)
        .catch(() => null);
      if (!event) return found;
      if (event.data?.names) found.push(event.data.names);
    }
  };
  const newestIntents = async () => (await identified()).at(-1)?.join();
  const connectedWith = (intents: string) =>
    until(`a connection with ${intents}`, async () => {
      const [newest, state] = [await newestIntents(), house.platform.discord.status().state];
      return newest === intents && state === 'ready' && house.platform.discord.missingIntents().length === 0;
    });
  const idOf = async (name: string) => {
    const { members } = await house.control<{ members: { id: string; username: string }[] }>('state');
    return members.find(({ username }) => username === name)?.id ?? '';
  };
  const roleNames = async () => {
    const { roles } = await house.control<{ roles: { id: string; name: string }[] }>('state');
    return new Map(roles.map(({ id, name }) => [id, name]));
  };
  const node = { id: 'event', type: 'guildhall-discord-event', community: 'community', wires: [['out']] };
  const start = async (settings: object) => {
    await house.loadFlow(
      [discordEvent],
      [
        { ...node, ...settings },
        { id: 'out', type: 'helper' },
      ],
    );
    await house.platform.flowsStarted('test');
  };
  const next = async () => (await house.next('out')) as unknown as Happened;
  const known = () => house.platform.database.selectFrom('guild_members').select('discord_id').execute();

  it('tells who joined, left and got which roles, and asks for the one intent', async function () {
    this.timeout(30_000);
    await start({ event: 'member joined' });
    await connectedWith('GUILDS,GUILD_MEMBERS');
    await until('the members', async () => (await known()).length > 0);
    const joined = next();
    await house.control('join', { username: 'newcomer' });
    const { payload, actor } = await joined;
    assert.equal(payload.member.username, 'newcomer');
    assert.deepEqual([actor.discord_id, actor.player], [payload.member.id, null]);

    await house.red.unload();
    await start({ event: 'roles changed' });
    const changed = next();
    await house.control('roles', { as: 'newcomer', add: ['Elite', 'Bronze'] });
    const names = await roleNames();
    const first = await changed;
    assert.deepEqual(first.payload.added?.map((id) => names.get(id)).sort(), ['Bronze', 'Elite']);
    const again = next();
    await house.control('roles', { as: 'newcomer', remove: ['Bronze'] });
    const second = await again;
    assert.deepEqual(
      second.payload.removed?.map((id) => names.get(id)),
      ['Bronze'],
    );
    assert.deepEqual(second.payload.added, []);
    assert.notEqual(first.event.id, second.event.id);

    await house.red.unload();
    await start({ event: 'member left' });
    const left = next();
    await house.control('leave', { as: 'newcomer' });
    assert.deepEqual(
      (await left).payload.member.roles.map((id) => names.get(id)),
      ['Elite'],
    );
    assert.equal((await identified()).filter((intents) => intents.includes('GUILD_MEMBERS')).length, 1);
  });

  it('tells of messages and reactions that fit, once, and reads them only where it is told to', async function () {
    this.timeout(30_000);
    await start({ event: 'message', channels: 'general', contains: 'Hello' });
    await connectedWith('GUILDS,GUILD_MESSAGES,MESSAGE_CONTENT');
    assert.deepEqual(await known(), []);
    const heard: Happened[] = [];
    house.red.getNode('out').on('input', (msg) => heard.push(msg as unknown as Happened));
    await house.control('say', { as: 'bo', channel: 'credit-approvals', content: 'hello there' });
    await house.control('say', { as: 'ana', channel: 'general', content: 'something else' });
    const written = await house.control<{ message: { id: string } }>('say', {
      as: 'ana',
      channel: 'general',
      content: 'hello all',
    });
    await until('the message', async () => heard.length > 0);
    assert.deepEqual(
      heard.map(({ payload }) => payload.message?.content),
      ['hello all'],
    );

    await house.red.unload();
    await start({ event: 'reaction added', emoji: '👍' });
    await connectedWith('GUILDS,GUILD_MESSAGE_REACTIONS');
    const reacted = next();
    for (const emoji of ['🎉', '👍']) await house.control('react', { as: 'kenji', message: written.message.id, emoji });
    const { payload } = await reacted;
    assert.deepEqual([payload.emoji, payload.message?.id], ['👍', written.message.id]);
  });

  it('tells afterwards what happened to members while the bot was away', async () => {
    const flow = ['member joined', 'member left', 'roles changed'].map((event, index) => ({
      ...node,
      id: `event${index}`,
      event,
    }));
    await house.loadFlow([discordEvent], [...flow, { id: 'out', type: 'helper' }]);
    await house.platform.flowsStarted('test');
    await connectedWith('GUILDS,GUILD_MEMBERS');
    await until('the members', async () => (await known()).length > 0);
    const joined = next();
    await house.control('join', { username: 'recent' });
    const recent = (await joined).payload.member.id;
    const ana = await idOf('ana');
    const heard: string[] = [];
    house.red.getNode('out').on('input', ({ topic, payload }) => {
      heard.push(`${topic} ${(payload as Happened['payload']).member.id}`);
    });
    // As if these had happened unheard: one came, one left, one lost a role.
    const { database } = house.platform;
    await database.deleteFrom('guild_members').where('discord_id', '=', recent).execute();
    const gone = { community_id: house.sandbox.guildId, discord_id: '1'.repeat(18), roles: '[]', joined_at: '' };
    await database.insertInto('guild_members').values(gone).execute();
    const roles = JSON.stringify(['2'.repeat(18)]);
    await database.updateTable('guild_members').set({ roles }).where('discord_id', '=', ana).execute();
    await house.control('faults', { gateway: 'close', code: 4007 });
    await until('what was missed', async () => heard.length >= 3);
    assert.deepEqual(
      heard.sort(),
      [`member joined ${recent}`, `member left ${gone.discord_id}`, `roles changed ${ana}`].sort(),
    );
  });

  it('believes what it hears over an older list of the members', async () => {
    const flow = ['member joined', 'member left'].map((event, index) => ({ ...node, id: `event${index}`, event }));
    await house.loadFlow([discordEvent], [...flow, { id: 'out', type: 'helper' }]);
    await house.platform.flowsStarted('test');
    await connectedWith('GUILDS,GUILD_MEMBERS');
    await until('the members', async () => (await known()).length > 0);
    const heard: string[] = [];
    house.red.getNode('out').on('input', ({ topic, payload }) => {
      heard.push(`${topic} ${(payload as Happened['payload']).member.username}`);
    });
    const { discord } = house.platform;
    const { allMembers } = discord;
    const wasRead = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let compared = 0;
    discord.allMembers = async (...asked) => {
      const answer = await allMembers(...asked);
      wasRead.resolve();
      await goOn.promise;
      compared += 1;
      return answer;
    };
    try {
      await house.control('faults', { gateway: 'close', code: 4007 });
      await wasRead.promise;
      await until('the connection', async () => discord.status().state === 'ready');
      await house.control('join', { username: 'meanwhile' });
      await until('the newcomer', async () => heard.length > 0);
      goOn.resolve();
      await until('the comparison', async () => compared > 0);
      await house.control('leave', { as: 'meanwhile' });
      await until('the end', async () => heard.includes('member left meanwhile'));
      assert.deepEqual(heard, ['member joined meanwhile', 'member left meanwhile']);
    } finally {
      discord.allMembers = allMembers;
      goOn.resolve();
    }
  });

  it('goes on without an intent that is switched off, says so, and begins when it is on', async function () {
    this.timeout(30_000);
    await application(0);
    await start({ event: 'member joined' });
    await until('the missing intent', async () => house.platform.discord.missingIntents().includes('GuildMembers'));
    assert.equal(house.platform.discord.status().state, 'ready');
    const { problems } = await health(house.platform, []);
    assert.match(problems.join(), /Switch on Server Members Intent on the Bot page/);
    await until('a connection without it', async () => (await newestIntents()) === 'GUILDS');
    await application(ALLOWED);
    await house.control('faults', { gateway: 'drop' });
    await connectedWith('GUILDS,GUILD_MEMBERS');
    const joined = next();
    await house.control('join', { username: 'latecomer' });
    assert.equal((await joined).payload.member.username, 'latecomer');
  });

  it('survives a refusal that the application’s flags did not announce', async function () {
    this.timeout(30_000);
    await house.platform.flowsStarted('without');
    await connectedWith('GUILDS');
    await start({ event: 'member joined' });
    await connectedWith('GUILDS,GUILD_MEMBERS');
    await house.control('faults', { gateway: 'close', code: 4014 });
    await until('the missing intent', async () => house.platform.discord.missingIntents().includes('GuildMembers'));
    await until('a connection', async () => house.platform.discord.status().state === 'ready');
    assert.equal(await newestIntents(), 'GUILDS');
  });
});
