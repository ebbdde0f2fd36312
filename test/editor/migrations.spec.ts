import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { migrateSettings } from '../../nodes/kit/migrations.ts';
import { readNodes } from './house.ts';

const jsonata = createRequire(import.meta.url)('jsonata') as (expression: string) => {
  evaluate(input: object): Promise<unknown>;
};
const nodes = await readNodes();

/** Brings settings that a version saved up to date. */
function migrated(type: string, version: number, settings: Record<string, unknown>): Record<string, unknown> {
  const node = nodes.find(({ shape }) => shape.type === type);
  assert.ok(node);
  return migrateSettings(node.definition, { ...settings, version });
}

describe('settings that an older version saved', () => {
  it('have a migration from each version to the next', () => {
    for (const { definition } of nodes) {
      for (let version = 1; version < definition.version; version += 1)
        assert.ok(definition.migrations?.[version], `${definition.type} lacks a migration from version ${version}`);
    }
  });

  describe('discord-message, version 1', () => {
    const from = (channel: string) => {
      const { channel: value, channelType } = migrated('guildhall-discord-message', 1, { channel });
      return [channelType, value];
    };

    it('keeps a channel’s name or id, and takes a template’s value from the message', () => {
      assert.deepEqual(from('credit-approvals'), ['channel', 'credit-approvals']);
      assert.deepEqual(from('123456789012345678'), ['channel', '123456789012345678']);
      assert.deepEqual(from('{{payload.request.discord_channel_id}}'), ['msg', 'payload.request.discord_channel_id']);
      assert.deepEqual(from('{{{ payload.channel }}}'), ['msg', 'payload.channel']);
    });

    it('makes an expression of a template with text, which comes to the same', async () => {
      const [type, expression] = from('team-{{payload.team-id}}-{{payload.year}}');
      assert.equal(type, 'jsonata');
      const evaluated = await jsonata(String(expression)).evaluate({ payload: { 'team-id': 'red', year: 2026 } });
      assert.equal(evaluated, 'team-red-2026');
    });

    it('calls an id that one typed a member', () => {
      const before = { memberType: 'str', member: '1'.repeat(18), pingType: 'str', ping: '' };
      const after = migrated('guildhall-discord-message', 1, before);
      assert.deepEqual([after.memberType, after.pingType, after.version], ['member', 'member', 2]);
      assert.equal(migrated('guildhall-discord-message', 1, { memberType: 'msg' }).memberType, 'msg');
    });
  });

  it('have a reply of version 1 answer web apps with the payload', () => {
    const { httpStatus, body, bodyType, content } = migrated('guildhall-reply', 1, { content: 'Done' });
    assert.deepEqual([httpStatus, body, bodyType, content], [200, 'payload', 'msg', 'Done']);
  });

  it('have a reply of version 2 keep no answer', () => {
    assert.equal(migrated('guildhall-reply', 2, { status: 201 }).keep, 'no');
  });

  it('have a reply of version 3 keep its HTTP status, and answer 200 where the editor saved its badge in its place', () => {
    const badge = { fill: 'green', shape: 'dot', text: 'answered' };
    for (const [status, kept] of [
      [200, 200],
      [201, 201],
      ['404', 404],
      [badge, 200],
      ['', 200],
      [undefined, 200],
    ]) {
      const after = migrated('guildhall-reply', 3, { status, name: 'answer' });
      assert.deepEqual([after.httpStatus, 'status' in after, after.name], [kept, false, 'answer']);
    }
  });
});
