import assert from 'node:assert/strict';
import { channelPermissions, guildPermissions, PERMISSION, standsAbove } from '../../sandbox/rules/permissions.ts';
import type { Channel, Member } from '../../sandbox/state/model.ts';
import { Store } from '../../sandbox/state/store.ts';
import { newFolder, removeFolders } from './kit.ts';

describe('sandbox: permissions', () => {
  let store: Store;
  const { VIEW_CHANNEL, SEND_MESSAGES, MANAGE_ROLES, ADMINISTRATOR } = PERMISSION;
  const role = (id: string, position: number, permissions: bigint) => ({
    id,
    guild_id: '1',
    name: id,
    color: 0,
    hoist: false,
    managed: false,
    mentionable: false,
    position,
    permissions: String(permissions),
  });
  const member = (user_id: string, roles: string[]): Member => ({
    guild_id: '1',
    user_id,
    nick: null,
    roles,
    joined_at: '',
    pending: false,
    deaf: false,
    mute: false,
    communication_disabled_until: null,
  });
  const channel = (...overwrites: [id: string, allow: bigint, deny: bigint][]): Channel => ({
    id: '9',
    guild_id: '1',
    type: 0,
    name: 'c',
    position: 0,
    parent_id: null,
    topic: null,
    permission_overwrites: overwrites.map(([id, allow, deny]) => ({
      id,
      type: 0,
      allow: String(allow),
      deny: String(deny),
    })),
  });
  const sends = (who: Member, where: Channel) => (channelPermissions(store, who, where) & SEND_MESSAGES) !== 0n;

  before(() => {
    store = new Store(newFolder());
    store.put('guilds', '1', { id: '1', name: 'g', owner_id: '100', preferred_locale: 'en-US' });
    for (const each of [
      role('1', 0, VIEW_CHANNEL | SEND_MESSAGES),
      role('2', 1, MANAGE_ROLES),
      role('3', 2, ADMINISTRATOR),
    ]) {
      store.put('roles', each.id, each);
    }
  });
  after(() => {
    store.close();
    removeFolders();
  });

  it('adds up roles; administrators and the owner may all', () => {
    assert.equal(guildPermissions(store, member('5', ['2'])), VIEW_CHANNEL | SEND_MESSAGES | MANAGE_ROLES);
    assert.ok(guildPermissions(store, member('5', ['3'])) > MANAGE_ROLES << 20n);
    assert.ok(guildPermissions(store, member('100', [])) > MANAGE_ROLES << 20n);
    const [low, high] = [role('2', 1, 0n), role('3', 2, 0n)];
    assert.deepEqual(
      [low, high].map((other) => standsAbove(store, member('5', ['3']), other)),
      [true, false],
    );
    assert.equal(standsAbove(store, member('5', ['2']), member('6', ['3'])), false);
    assert.equal(standsAbove(store, member('100', []), high), true);
    assert.equal(standsAbove(store, member('5', ['3']), member('100', [])), false);
  });

  it('applies overwrites in order: everyone, roles, the member', () => {
    const closed = channel(['1', 0n, SEND_MESSAGES]);
    assert.equal(sends(member('5', []), closed), false);
    assert.equal(sends(member('5', ['3']), closed), true);
    const opened = channel(['1', 0n, SEND_MESSAGES], ['2', SEND_MESSAGES, 0n]);
    assert.equal(sends(member('5', ['2']), opened), true);
    const personal = channel(['2', SEND_MESSAGES, 0n], ['5', 0n, SEND_MESSAGES]);
    assert.equal(sends(member('5', ['2']), personal), false);
  });

  it('leaves nothing where the channel is not seen', () => {
    assert.equal(channelPermissions(store, member('5', ['2']), channel(['1', 0n, VIEW_CHANNEL])), 0n);
  });
});
