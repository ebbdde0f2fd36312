import assert from 'node:assert/strict';
import { Guildhall, until } from '../support/guildhall.ts';

const APPROVER = 'bo';
const SECOND_APPROVER = 'chen';
const ADMIN = 'amara';

describe('the main job: a slash command becomes an approved credit', () => {
  let hall: Guildhall;
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
  });
  after(() => hall.remove());

  const fields = (card: { embeds: { fields?: { name: string; value: string }[] }[] }) =>
    Object.fromEntries((card.embeds[0]?.fields ?? []).map(({ name, value }) => [name, value]));

  it('answers a request ephemerally, shows a card, credits on Approve, edits the card and tells the member', async () => {
    const before = await hall.balances('ana');
    const { messages } = await hall.command('ana', '/request ai-credit amount:25 reason:"three closings"');
    assert.equal(messages[0]?.ephemeralFor, 'ana');
    const request = Number(/#(\d+)/.exec(messages[0]?.content ?? '')?.[1]);
    const card = await hall.card(request);
    assert.equal(fields(card).Reason, 'three closings');
    assert.deepEqual(
      card.components[0]?.components.map(({ label }) => label),
      ['Approve', 'Reject'],
    );
    const pressed = await hall.press(APPROVER, card.id, 'Approve');
    assert.equal(pressed.messages[0]?.ephemeralFor, APPROVER);
    assert.match(pressed.messages[0]?.content ?? '', new RegExp(`approved request #${request}`));
    const edited = await until('the edited card', async () => {
      const now = await hall.card(request);
      return now.editedAt ? now : null;
    });
    assert.equal(edited.embeds[0]?.title, `Request #${request}: approved`);
    assert.match(fields(edited)['Approved by'] ?? '', /Bo.*<t:\d+:f>/);
    assert.deepEqual(edited.components, []);
    const told = await until('the direct message', async () =>
      (await hall.directMessages('ana')).find(({ content }) => content.includes(`#${request} `)),
    );
    assert.match(told.content, /25 AI credits.*approved/);
    assert.deepEqual(await hall.balances('ana'), { ...before, ai: before.ai + 25 });
  });

  it('asks for a note on Reject, and shows it on the card and to the member', async () => {
    const request = await hall.ask('kenji', 10, 'lead-credit');
    const card = await hall.card(request);
    const { modal, interaction } = await hall.press(SECOND_APPROVER, card.id, 'Reject');
    assert.equal(modal?.title, `Reject request #${request}`);
    const submitted = await hall.submit(SECOND_APPROVER, interaction, { note: 'next *month*' });
    assert.match(submitted.messages[0]?.content ?? '', new RegExp(`rejected request #${request}`));
    const edited = await until('the edited card', async () => {
      const now = await hall.card(request);
      return now.editedAt ? now : null;
    });
    assert.equal(fields(edited).Note, 'next \\*month\\*');
    await until('the direct message', async () =>
      (await hall.directMessages('kenji')).some(
        ({ content }) => content.includes('rejected') && content.includes('next'),
      ),
    );
    assert.equal((await hall.balances('kenji')).lead, 0);
  });

  it('mentions the member in a channel where direct messages are closed', async () => {
    await hall.sandbox('faults', { member: 'layla', dmsClosed: true });
    const request = await hall.ask('layla', 5);
    await hall.press(ADMIN, (await hall.card(request)).id, 'Approve');
    const mention = await until('the mention', async () =>
      (await hall.messages('general')).find(
        ({ content }) => content.includes(`#${request} `) && content.includes('<@'),
      ),
    );
    assert.equal(mention.mentions.length, 1);
    assert.equal(mention.mention_everyone, false);
  });

  it('lists one’s own requests with Cancel on the pending ones', async () => {
    const first = await hall.ask('dmitri', 1);
    const second = await hall.ask('dmitri', 2);
    await hall.press(APPROVER, (await hall.card(first)).id, 'Approve');
    const list = (await hall.command('dmitri', '/request list')).messages[0];
    assert.match(list?.content ?? '', new RegExp(`#${second}.*pending[\\s\\S]*#${first}.*approved`));
    const labels = list?.components.flatMap(({ components }) => components.map(({ label }) => label));
    assert.deepEqual(labels, [`Cancel #${second}`]);
    const cancelled = await hall.press('dmitri', list?.id ?? '', `Cancel #${second}`);
    assert.match(cancelled.messages[0]?.content ?? '', new RegExp(`#${second}.*cancelled`));
    assert.deepEqual(cancelled.messages[0]?.components, []);
    await until('the cancelled card', async () => (await hall.card(second)).embeds[0]?.title?.endsWith('cancelled'));
  });

  it('decides once when several approvers press at once, and tells the others who did', async () => {
    const request = await hall.ask('eleni', 7);
    const card = await hall.card(request);
    const presses = await Promise.allSettled(
      [APPROVER, SECOND_APPROVER, ADMIN, APPROVER, SECOND_APPROVER, ADMIN].map((as) =>
        hall.press(as, card.id, 'Approve'),
      ),
    );
    const said = presses.flatMap((press) =>
      press.status === 'fulfilled' ? press.value.messages.map(({ content }) => content) : [],
    );
    assert.equal(said.filter((content) => content.startsWith('You approved')).length, 1);
    assert.ok(said.some((content) => /was approved by <@\d+> <t:\d+:R>/.test(content)) || said.length === 1);
    assert.equal((await hall.balances('eleni')).ai, 7);
  });

  it('tells who may not decide, ephemerally: a member, and the one who asked', async () => {
    const request = await hall.ask(APPROVER, 3);
    const card = await hall.card(request);
    for (const [as, label, expected] of [
      ['ana', 'Approve', /takes one of these roles/],
      ['ana', 'Reject', /takes one of these roles/],
      [APPROVER, 'Approve', /Nobody decides their own request/],
      [APPROVER, 'Reject', /Nobody decides their own request/],
    ] as const) {
      const { messages, modal } = await hall.press(as, card.id, label);
      assert.equal(modal, undefined);
      assert.equal(messages[0]?.ephemeralFor, as);
      assert.match(messages[0]?.content ?? '', expected);
    }
  });

  it('takes the right from what Discord says at the press', async () => {
    const request = await hall.ask('ana', 2);
    const card = await hall.card(request);
    await hall.sandbox('roles', { as: 'firefox', add: ['Approver'] });
    await hall.sandbox('roles', { as: APPROVER, remove: ['Approver'] });
    const refused = await hall.press(APPROVER, card.id, 'Approve');
    assert.match(refused.messages[0]?.content ?? '', /takes one of these roles/);
    const approved = await hall.press('firefox', card.id, 'Approve');
    assert.match(approved.messages[0]?.content ?? '', /You approved/);
    await hall.sandbox('roles', { as: 'firefox', remove: ['Approver'] });
    await hall.sandbox('roles', { as: APPROVER, add: ['Approver'] });
  });

  const refused: [string, string, RegExp][] = [
    ['0', '', /1 or more/],
    ['-5', '', /1 or more/],
    ['101', '', /up to 100/],
    ['5', ` reason:"${'x'.repeat(501)}"`, /up to 500 characters/],
  ];
  for (const [amount, more, expected] of refused) {
    it(`refuses an amount of ${amount}${more && ' with a reason of 501 characters'} clearly and stores nothing`, async () => {
      const { messages } = await hall.command('priya', `/request ai-credit amount:${amount}${more}`);
      assert.equal(messages[0]?.ephemeralFor, 'priya');
      assert.match(messages[0]?.content ?? '', expected);
      const list = await hall.command('priya', '/request list');
      assert.match(list.messages[0]?.content ?? '', /not asked for credits yet/);
    });
  }

  it('shows hostile text harmless and pings nobody', async () => {
    const reason = '@everyone <@&1193846306242560000> **b** [x](https://evil.example) \u202Efdp.exe `code`';
    const { messages } = await hall.command('minji', `/request ai-credit amount:4 reason:${JSON.stringify(reason)}`);
    const request = Number(/#(\d+)/.exec(messages[0]?.content ?? '')?.[1]);
    const card = await hall.card(request);
    assert.deepEqual([card.mentions, card.mention_roles, card.mention_everyone], [[], [], false]);
    const shown = fields(card).Reason ?? '';
    assert.ok(!shown.includes('\u202E'));
    assert.ok(!/(^|[^\\])\*\*b/.test(shown), shown);
    assert.ok(!shown.includes('](https://'), shown);
  });

  it('counts a replayed interaction once', async () => {
    const { interaction } = await hall.command('lukas', '/request ai-credit amount:6');
    await hall.sandbox('replay', { interaction });
    await hall.sandbox('replay', { interaction });
    const list = (await hall.command('lukas', '/request list')).messages[0];
    assert.equal(list?.content.trim().split('\n').length, 1);
  });

  it('keeps buttons, balances and members over a restart', async function () {
    this.timeout(60_000);
    const request = await hall.ask('ana', 9);
    const card = await hall.card(request);
    const before = await hall.balances('ana');
    assert.equal(await hall.end('SIGTERM'), 0);
    await hall.start();
    const pressed = await hall.press(APPROVER, card.id, 'Approve');
    assert.match(pressed.messages[0]?.content ?? '', /You approved/);
    assert.equal((await hall.balances('ana')).ai, before.ai + 9);
  });

  it('is verified beside the running program', () => {
    const { status, output } = hall.run('verify.js');
    assert.equal(status, 0, output);
    assert.match(output, /[1-9]\d* balances[\s\S]*0 differ[\s\S]*[1-9]\d* decisions[\s\S]*0 broken/);
  });

  it('writes no token into its log', async () => {
    const { application } = await hall.state();
    assert.ok(!hall.output.includes(application.botToken));
  });
});
