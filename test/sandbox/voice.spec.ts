import assert from 'node:assert/strict';
import { ChannelType, GatewayIntentBits, type Guild, PermissionFlagsBits } from 'discord.js';
import { Bench, eventually, refuses } from './kit.ts';

describe('sandbox: voice', () => {
  let bench: Bench;
  let guild: Guild;
  const events: string[] = [];
  before(async () => {
    bench = await Bench.start();
    const client = await bench.login({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildVoiceStates] });
    guild = await client.guilds.fetch(bench.sandbox.guildId);
    client.on('voiceStateUpdate', (old, state) => {
      events.push(`${old.channel?.name ?? '-'} → ${state.channel?.name ?? '-'}${state.serverMute ? ' mute' : ''}`);
    });
  });
  after(() => bench.stop());

  const voice = (as: string, channel: string | null) => bench.control('voice', { as, channel });
  const connected = async (name: string) =>
    (await bench.state()).members.find(({ username }) => username === name)?.voice ?? null;

  it('lets members connect, and the bot move, mute and disconnect them', async () => {
    const pits = await guild.channels.create({ name: 'Pits', type: ChannelType.GuildVoice });
    const ana = await guild.members.fetch(await bench.memberId('ana'));
    await refuses(ana.voice.setChannel(pits), 40032);
    await refuses(ana.voice.setMute(true), 40032);
    await refuses(guild.voiceStates.fetch(ana), 10065);
    assert.equal((await voice('ana', 'Lounge')).status, 200);
    const state = await guild.voiceStates.fetch(ana, { force: true });
    assert.equal(state.channelId, await bench.channelId('Lounge'));
    await ana.voice.setChannel(pits);
    assert.equal(await connected('ana'), pits.id);
    await ana.voice.setMute(true);
    await eventually('the client knows', () => guild.voiceStates.cache.get(ana.id)?.serverMute === true);
    const text = { channel_id: await bench.channelId('general') };
    assert.equal((await bench.rest('PATCH', `/guilds/${guild.id}/members/${ana.id}`, text)).body.code, 50024);
    await ana.voice.disconnect();
    assert.equal(await connected('ana'), null);
    await eventually('all was told', () => events.length === 4);
    assert.deepEqual(events, ['- → Lounge', 'Lounge → Pits', 'Pits → Pits mute', 'Pits → - mute']);
  });

  it('has people listen on a stage until they are asked to speak', async () => {
    const stage = await guild.channels.create({ name: 'Drivers’ briefing', type: ChannelType.GuildStageVoice });
    const ana = await guild.members.fetch(await bench.memberId('ana'));
    const path = `/guilds/${guild.id}/voice-states/${ana.id}`;
    const patch = { suppress: false };
    assert.equal((await bench.rest('PATCH', path, patch)).body.code, 10065);
    await voice('ana', 'Lounge');
    await eventually('it is known', () => ana.voice.channel?.name === 'Lounge');
    assert.equal((await bench.rest('PATCH', path, patch)).body.code, 50024);
    await voice('ana', stage.id);
    await eventually('ana listens', () => ana.voice.suppress === true);
    await ana.voice.setSuppressed(false);
    await eventually('ana may speak', () => ana.voice.suppress === false);
    assert.ok(ana.voice.requestToSpeakTimestamp !== null);
    const send = (channel_id: string | null) =>
      guild.shard.send({ op: 4, d: { guild_id: guild.id, channel_id, self_mute: false, self_deaf: false } });
    send(stage.id);
    await eventually('the bot listens', () => guild.members.me?.voice.suppress === true);
    await guild.members.me?.voice.setRequestToSpeak(true);
    await eventually('it asks', () => guild.members.me?.voice.requestToSpeakTimestamp !== null);
    await bench.control('faults', { permission: 'MUTE_MEMBERS' });
    await refuses(guild.members.me?.voice.setSuppressed(false), 50013);
    await refuses(ana.voice.setSuppressed(true), 50013);
    await bench.clearFaults();
    send(null);
    await voice('ana', null);
    await eventually('both are gone', () => guild.members.me?.voice.channelId === null && !ana.voice.channelId);
  });

  it('greets with who is connected, and forgets who leaves', async () => {
    await voice('kenji', 'Lounge');
    const late = await bench.login({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildVoiceStates] });
    const kenji = await bench.memberId('kenji');
    assert.equal(late.guilds.cache.get(guild.id)?.voiceStates.cache.get(kenji)?.channel?.name, 'Lounge');
    await guild.members.kick(kenji);
    await eventually('the state is gone', () => guild.voiceStates.cache.get(kenji)?.channelId === null);
    assert.equal((await bench.rest('GET', `/guilds/${guild.id}/voice-states/@me`)).body.code, 10065);
    assert.equal((await guild.client.fetchVoiceRegions()).size, 1);
  });

  it('connects the bot itself by the gateway', async () => {
    const send = (channel_id: string | null) =>
      guild.shard.send({ op: 4, d: { guild_id: guild.id, channel_id, self_mute: true, self_deaf: false } });
    send(await bench.channelId('Lounge'));
    await eventually('the bot is connected', () => guild.members.me?.voice.channel?.name === 'Lounge');
    assert.equal((await guild.voiceStates.fetch('@me', { force: true })).selfMute, true);
    send(null);
    await eventually('the bot has left', () => guild.members.me?.voice.channel === null);
  });

  it('lets nobody in where it is full, closed, or no voice channel', async () => {
    const small = await guild.channels.create({ name: 'Small', type: ChannelType.GuildVoice, userLimit: 1 });
    const closed = await guild.channels.create({
      name: 'Closed',
      type: ChannelType.GuildVoice,
      permissionOverwrites: [{ id: guild.id, deny: PermissionFlagsBits.Connect }],
    });
    assert.equal((await voice('layla', 'Small')).status, 200);
    assert.equal((await voice('dmitri', 'Small')).status, 409);
    assert.equal((await voice('dmitri', 'Closed')).status, 403);
    assert.equal((await voice('dmitri', 'general')).status, 400);
    await small.delete();
    assert.equal(await connected('layla'), null);
    await closed.delete();
  });
});

describe('sandbox: voice for a bot with few permissions', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.startWith({
      permissions: PermissionFlagsBits.MoveMembers,
      denied: { Lounge: PermissionFlagsBits.Connect },
    });
  });
  after(() => bench.stop());

  it('moves only where it could connect itself (50013)', async () => {
    const guild = await (await bench.login()).guilds.fetch(bench.sandbox.guildId);
    await bench.control('voice', { as: 'amara', channel: 'Lounge' });
    const amara = await guild.members.fetch(await bench.memberId('amara'));
    await refuses(amara.voice.setChannel((await bench.channelId('Lounge')) as never), 50013);
    await refuses(amara.voice.setMute(true), 50013);
    await amara.voice.disconnect();
  });
});
