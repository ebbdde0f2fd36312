import assert from 'node:assert/strict';
import { sql } from 'kysely';
import schedule from '../../nodes/intakes/schedule/node.ts';
import { timetableOf } from '../../nodes/intakes/schedule/timetable.ts';
import { cronProblem } from '../../nodes/kit/cron.ts';
import { until } from '../support/guildhall.ts';
import { type NodeHouse, startNodeHouse } from '../support/node-house.ts';

describe('schedule', () => {
  let house: NodeHouse;
  before(async function () {
    this.timeout(60_000);
    house = await startNodeHouse();
  });
  afterEach(() => house.red.unload());
  after(() => house?.stop());

  const QUEUE = 'schedules';
  const start = async (nodes: { id: string; [setting: string]: unknown }[]) => {
    const flow = nodes.map((settings) => ({
      type: 'guildhall-schedule',
      community: 'community',
      repeat: 'cron',
      timeZone: 'UTC',
      wires: [['out']],
      ...settings,
    }));
    await house.loadFlow([schedule], [...flow, { id: 'out', type: 'helper' }]);
    await house.platform.flowsStarted('test');
    const ids = nodes.map(({ id }) => id).sort();
    await until(
      'the schedules',
      async () =>
        (await planned())
          .map(({ key }) => key)
          .sort()
          .join() === ids.join(),
    );
  };
  const planned = () => house.platform.jobs.getSchedules(QUEUE);
  /** As pg-boss does when a time has come. */
  const come = async (node: string): Promise<void> => {
    const [found] = await house.platform.jobs.getSchedules(QUEUE, node);
    await house.platform.jobs.send(QUEUE, found?.data as object);
  };
  const untilWorked = () =>
    until('the jobs', async () => {
      const waiting = sql`select 1 from jobs.job where name = ${QUEUE} and state < 'completed'`;
      return (await waiting.execute(house.platform.database)).rows.length === 0;
    });
  /** A cron expression for so many minutes ago, every day. */
  const ago = (minutes: number): string => {
    const at = new Date(Date.now() - minutes * 60_000);
    return `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  };

  it('runs once a time, also late, and not when it is too late', async function () {
    this.timeout(30_000);
    await start([
      { id: 'late', cron: ago(100), lateMinutes: 120 },
      { id: 'toolate', cron: ago(200), lateMinutes: 120 },
    ]);
    const heard: { actor: { source: string; discord_id: null }; payload: { planned_at: number } }[] = [];
    house.red.getNode('out').on('input', (msg) => heard.push(msg as never));
    for (const node of ['late', 'toolate', 'late']) await come(node);
    await until('the run', async () => heard.length > 0);
    await untilWorked();
    await until('the events', async () => (await house.platform.events.waiting()) === 0);
    const [only, ...more] = heard;
    assert.deepEqual(more, []);
    const minutes = (Date.now() / 1000 - (only?.payload.planned_at ?? 0)) / 60;
    assert.ok(minutes >= 99 && minutes < 110, String(minutes));
    assert.equal(only?.actor.source, `schedule/late/${only?.payload.planned_at}`);
    assert.equal(only?.actor.discord_id, null);
  });

  it('plans what is deployed, with its zone, and nothing else', async () => {
    await start([
      { id: 'one', repeat: 'weekdays', time: '07:30', timeZone: 'Europe/Berlin' },
      { id: 'two', cron: '*/5 * * * *' },
    ]);
    const rows = (await planned()).map(({ key, cron, timezone }) => [key, cron, timezone]).sort();
    assert.deepEqual(rows, [
      ['one', '30 7 * * 1-5', 'Europe/Berlin'],
      ['two', '*/5 * * * *', 'UTC'],
    ]);
    await house.red.unload();
    await start([]);
    assert.deepEqual(await planned(), []);
  });

  it('turns what an admin chooses into cron', () => {
    const times = {
      repeat: 'every week',
      time: '18:05',
      weekday: 'sunday',
      hours: '6',
      minutes: '20',
      cron: ' 0 0 1 jan * ',
      timeZone: 'UTC',
    } as const;
    const crons = (['every day', 'every week', 'hours', 'minutes', 'cron'] as const).map(
      (repeat) => timetableOf({ ...times, repeat }).cron,
    );
    assert.deepEqual(crons, ['5 18 * * *', '5 18 * * 0', '0 */6 * * *', '*/20 * * * *', '0 0 1 jan *']);
  });

  it('says which part of a cron expression is wrong', () => {
    const parts: [string, string | null | undefined][] = [
      ['0 9 * * *', undefined],
      ['*/10 8-18 1,15 jan-mar mon-fri', undefined],
      ['0 9 * *', null],
      ['0 9 * * * *', null],
      ['60 9 * * *', 'minute'],
      ['0 9-8 * * *', 'hour'],
      ['0 9 0 * *', 'day'],
      ['0 9 * foo *', 'month'],
      ['0 9 * * */0', 'weekday'],
    ];
    for (const [expression, part] of parts) assert.equal(cronProblem(expression)?.part, part, expression);
  });
});
