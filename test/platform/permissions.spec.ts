import assert from 'node:assert/strict';
import { PermissionsBitField } from 'discord.js';
import fc from 'fast-check';
import { intentsNotAllowed } from '../../platform/discord/intents.ts';
import { inviteLink } from '../../platform/discord/invite.ts';
import {
  bitsOf,
  channelPermissions,
  guildPermissions,
  missingFrom,
  PERMISSION_NAMES,
  type PermissionName,
} from '../../platform/discord/permissions.ts';

const GUILD = '1';
const BOT = '9';
const names = fc.uniqueArray(fc.constantFrom(...PERMISSION_NAMES));
const without = (list: PermissionName[]) => list.filter((name) => name !== 'Administrator' && name !== 'ViewChannel');

const facts = (everyone: PermissionName[], own: PermissionName[] = [], owner = '5') => ({
  guild: { id: GUILD, owner_id: owner },
  roles: [
    { id: GUILD, permissions: String(bitsOf(everyone)) },
    { id: '2', permissions: String(bitsOf(own)) },
    { id: '3', permissions: String(bitsOf(['Administrator'])) },
  ],
  member: { id: BOT, roles: ['2'] },
});
const overwrite = (id: string, allow: PermissionName[], deny: PermissionName[]) => ({
  id,
  allow: String(bitsOf(allow)),
  deny: String(bitsOf(deny)),
});

describe('permissions', () => {
  it('adds up roles as discord.js does', () => {
    fc.assert(
      fc.property(names, names, (everyone, own) => {
        const bits = guildPermissions(facts(everyone, own));
        const expected = new PermissionsBitField([...everyone, ...own]);
        for (const name of PERMISSION_NAMES) assert.equal(missingFrom(bits, [name]).length === 0, expected.has(name));
      }),
    );
  });

  it('gives all to the owner and to administrators, whatever a channel denies', () => {
    const all = [overwrite(GUILD, [], PERMISSION_NAMES), overwrite('2', [], PERMISSION_NAMES)];
    for (const all_powerful of [facts([], [], BOT), facts([], ['Administrator'])]) {
      assert.deepEqual(missingFrom(channelPermissions(all_powerful, all), PERMISSION_NAMES), []);
    }
  });

  it('lets the member’s own overwrite decide over roles, and roles over everyone', () => {
    fc.assert(
      fc.property(names, names, names, (denied, forRole, forMember) => {
        const layers = [
          overwrite(BOT, [], without(forMember)),
          overwrite('2', without(forRole), []),
          overwrite(GUILD, [], without(denied)),
        ];
        const bits = channelPermissions(facts(PERMISSION_NAMES.filter((name) => name !== 'Administrator')), layers);
        const has = new PermissionsBitField(bits);
        const barred = new PermissionsBitField(without(forMember));
        const raised = new PermissionsBitField(without(forRole));
        const lowered = new PermissionsBitField(without(denied));
        for (const name of without(PERMISSION_NAMES)) {
          assert.equal(has.has(name, false), !barred.has(name) && (raised.has(name) || !lowered.has(name)), name);
        }
      }),
    );
  });

  it('lets one of several roles allow what another denies', () => {
    const two = { ...facts(['ViewChannel']), member: { id: BOT, roles: ['2', '4'] } };
    const bits = channelPermissions(two, [overwrite('2', [], ['SendMessages']), overwrite('4', ['SendMessages'], [])]);
    assert.deepEqual(missingFrom(bits, ['SendMessages']), []);
  });

  it('does nothing in a channel that it does not see', () => {
    const hidden = channelPermissions(facts(['ViewChannel', 'SendMessages']), [overwrite(GUILD, [], ['ViewChannel'])]);
    assert.equal(hidden, 0n);
  });

  it('asks in the invite link for exactly what is needed', () => {
    const link = new URL(inviteLink('123', 'https://discord.com/api', ['ViewChannel', 'SendMessages', 'EmbedLinks']));
    assert.equal(link.origin + link.pathname, 'https://discord.com/oauth2/authorize');
    assert.deepEqual(Object.fromEntries(link.searchParams), {
      client_id: '123',
      scope: 'bot applications.commands',
      permissions: '19456',
    });
  });

  it('knows which intents an application has, reviewed by Discord or not', () => {
    const all = ['Guilds', 'GuildMembers', 'MessageContent', 'GuildPresences'] as const;
    assert.deepEqual(intentsNotAllowed(0, all), ['GuildMembers', 'MessageContent', 'GuildPresences']);
    assert.deepEqual(intentsNotAllowed((1 << 15) | (1 << 18), all), ['GuildPresences']);
  });
});
