import assert from 'node:assert/strict';
import { type Answered, Guildhall, until } from '../support/guildhall.ts';
import { allHandled, query } from '../support/inside.ts';

describe('the tabs beside the credits', () => {
  let hall: Guildhall;
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
  });
  after(() => hall?.remove());

  it('need one connection to Discord, made with the intents of the flows', async () => {
    const identified: string[][] = [];
    for (let number = 1; ; number += 1) {
      const event = await hall.sandbox<{ data: { names?: string[] } }>(`trace?event=${number}`).catch(() => null);
      if (!event) break;
      if (event.data?.names) identified.push(event.data.names);
    }
    assert.deepEqual(identified, [['GUILDS', 'GUILD_MEMBERS']]);
  });

  it('greet who joins, in a direct message', async () => {
    await hall.sandbox('join', { username: 'newcomer', name: '*New* Comer' });
    const [greeting] = await until('the greeting', async () => {
      const messages = await hall.directMessages('newcomer');
      return messages.length > 0 && messages;
    });
    assert.match(greeting?.content ?? '', /Welcome, \\\*New\\\* Comer! .*\/help/);
  });

  it('answer the question that a member chooses', async () => {
    const { messages } = await hall.command('ana', '/help');
    const [select] = messages[0]?.components[0]?.components ?? [];
    const answered = await hall.sandbox<Answered>('press', {
      as: 'ana',
      message: messages[0]?.id,
      customId: select?.custom_id,
      values: ['balance'],
    });
    assert.match(answered.messages[0]?.content ?? '', /\/profile/);
    assert.equal(answered.messages[0]?.ephemeralFor, 'ana');
  });

  it('suggest one’s own pending requests, and cancel the chosen one', async () => {
    const suggest = async (as: string) =>
      (
        await hall.sandbox<{ choices: { name: string; value: number }[] }>('autocomplete', {
          as,
          input: '/request cancel request:',
          channel: 'general',
        })
      ).choices;
    const [first, second] = [await hall.ask('kenji', 3), await hall.ask('kenji', 4)];
    assert.deepEqual(await suggest('kenji'), [
      { name: `#${second}: 4 AI credits`, value: second },
      { name: `#${first}: 3 AI credits`, value: first },
    ]);
    assert.deepEqual(await suggest('lukas'), []);
    const { messages } = await hall.command('kenji', `/request cancel request:${first}`);
    assert.match(messages[0]?.content ?? '', new RegExp(`#${first} for 3 AI credits was cancelled`));
    assert.deepEqual(
      (await suggest('kenji')).map(({ value }) => value),
      [second],
    );
  });

  it('remind the approvers of what waits, once a time', async function () {
    this.timeout(60_000);
    const number = await hall.ask('priya', 7);
    // Every minute, so that the newest time is no longer ago than it may be.
    await hall.deploy((flows) =>
      flows.map((node) => (node.type === 'guildhall-schedule' ? { ...node, repeat: 'cron', cron: '* * * * *' } : node)),
    );
    const planned = `select data from jobs.schedule where name = 'schedules' and cron = '* * * * *'`;
    await until('the schedule', async () => (await query(hall, planned)).length === 1);
    await query(hall, `insert into jobs.job (name, data) select 'schedules', data from (${planned}) as planned`);
    await query(hall, `insert into jobs.job (name, data) select 'schedules', data from (${planned}) as planned`);
    const reminders = async () =>
      (await hall.messages('credit-approvals')).filter(({ embeds }) => embeds[0]?.title?.startsWith('Waiting'));
    const [reminder] = await until('the reminder', async () => {
      const found = await reminders();
      return found.length > 0 && found;
    });
    assert.match(
      (reminder?.embeds[0] as { description?: string })?.description ?? '',
      new RegExp(`\\*\\*#${number}\\*\\* 7`),
    );
    // A time counts once, also where it is due while the program is killed.
    await query(hall, `insert into jobs.job (name, data) select 'schedules', data from (${planned}) as planned`);
    await hall.end('SIGKILL');
    await hall.start();
    await until('the jobs', async () => {
      const waiting = `select 1 from jobs.job where name = 'schedules' and state < 'completed'`;
      return (await query(hall, waiting)).length === 0;
    });
    await allHandled(hall);
    const times = await query(
      hall,
      `select distinct payload->>'planned' as at from events where type = 'schedule.due'`,
    );
    assert.equal((await reminders()).length, times.length);
  });
});
