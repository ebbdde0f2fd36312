import assert from 'node:assert/strict';
import * as published from 'discord-api-spec/zod';
import * as z from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { Bench, button, eventually, row, slash } from './kit.ts';

/** Answers are held against Discord's published schemas. */
describe('sandbox: the shape of answers', () => {
  const schemas = published as unknown as Record<string, $ZodType>;
  let bench: Bench;
  let ids: Record<string, string>;

  before(async () => {
    bench = await Bench.start();
    ids = {
      guild: bench.sandbox.guildId,
      application: bench.sandbox.application.id,
      channel: await bench.channelId('general'),
      user: await bench.memberId('ana'),
    };
  });
  after(() => bench.stop());

  const fill = (path: string) => path.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? '');
  const assertShape = (schema: string, body: unknown, many = false) => {
    const one = schemas[`${schema}Schema`];
    assert.ok(one !== undefined, `the schema ${schema}`);
    const result = z.safeParse(many ? z.array(one) : one, body);
    assert.ok(result.success, JSON.stringify(result.error?.issues ?? []).slice(0, 800));
  };

  const card = {
    content: 'hello',
    embeds: [
      {
        title: 'x',
        fields: [{ name: 'a', value: 'b' }],
        timestamp: '2026-01-01T00:00:00+02:00',
        image: { url: 'https://a.example/b.png' },
      },
    ],
    components: [
      row(button('y', 'x', { emoji: { name: '🦊' } })),
      row({ type: 3, custom_id: 's', options: [{ label: 'a', value: 'b' }] }),
    ],
  };
  const answers: [schema: string, method: string, path: string, body?: unknown, many?: boolean][] = [
    ['GatewayResponse', 'GET', '/gateway'],
    ['GatewayBotResponse', 'GET', '/gateway/bot'],
    ['UserPIIResponse', 'GET', '/users/@me'],
    ['UserResponse', 'GET', '/users/:user'],
    ['PrivateApplicationResponse', 'GET', '/applications/@me'],
    ['MyGuildResponse', 'GET', '/users/@me/guilds', undefined, true],
    ['GuildWithCountsResponse', 'GET', '/guilds/:guild?with_counts=true'],
    ['GuildChannelResponse', 'GET', '/guilds/:guild/channels', undefined, true],
    ['GuildRoleResponse', 'GET', '/guilds/:guild/roles', undefined, true],
    ['GuildMemberResponse', 'GET', '/guilds/:guild/members/:user'],
    ['GuildMemberResponse', 'GET', '/guilds/:guild/members?limit=5', undefined, true],
    ['GuildMemberResponse', 'PATCH', '/guilds/:guild/members/:user', { nick: 'Ana' }],
    ['GuildChannelResponse', 'GET', '/channels/:channel'],
    ['MessageResponse', 'POST', '/channels/:channel/messages', card],
    [
      'MessageResponse',
      'POST',
      '/channels/:channel/messages',
      { flags: 32768, components: [{ type: 17, components: [{ type: 10, content: 'x' }, { type: 14 }] }] },
    ],
    ['MessageResponse', 'GET', '/channels/:channel/messages', undefined, true],
    [
      'ApplicationCommandResponse',
      'PUT',
      '/applications/:application/guilds/:guild/commands',
      [
        {
          ...slash('x', [{ type: 4, name: 'a', description: 'd', choices: [{ name: 'a', value: 1 }] }]),
          default_member_permissions: '8',
        },
      ],
      true,
    ],
    ['ApplicationCommandResponse', 'POST', '/applications/:application/commands', slash('y')],
  ];
  for (const [schema, method, path, body, many] of answers) {
    it(`${method} ${path} answers ${schema}`, async () => {
      const answer = await bench.rest(method, fill(path), body);
      assert.ok(answer.status < 300, JSON.stringify(answer.body));
      assertShape(schema, answer.body, many);
      assert.equal((await bench.log()).at(-1)?.verdict, 'ok');
    });
  }

  it('POST /users/@me/channels answers PrivateChannelResponse', async () => {
    assertShape(
      'PrivateChannelResponse',
      (await bench.rest('POST', '/users/@me/channels', { recipient_id: ids.user })).body,
    );
  });

  it('answers errors and interactions as published', async () => {
    // The tree under `errors` has text codes in the documentation, numbers in the schema: the documentation stands.
    assertShape('ErrorResponse', (await bench.rest('GET', '/users/1')).body);
    const client = await bench.login();
    await bench.register([slash('x')]);
    let token = '';
    client.on('interactionCreate', async (interaction) => {
      const path = `/interactions/${interaction.id}/${interaction.token}/callback?with_response=true`;
      const answer = await bench.rest('POST', path, { type: 4, data: card });
      assertShape('InteractionCallbackResponse', answer.body);
      token = interaction.token;
    });
    const outcome = await bench.command('ana', '/x');
    await eventually('it was answered', () => token !== '');
    const original = await bench.rest('GET', `/webhooks/${ids.application}/${token}/messages/@original`);
    assertShape('MessageResponse', original.body);
    assert.equal(original.body.id, outcome.messages[0]?.id);
  });
});
