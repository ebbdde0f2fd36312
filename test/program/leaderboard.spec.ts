import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT } from '../support/database.ts';
import { Guildhall, type SandboxMessage, until } from '../support/guildhall.ts';
import { allHandled, query } from '../support/inside.ts';

interface Answer<Body> {
  status: number;
  body: Body;
}

interface Scored {
  accepted: number;
  duplicates: number;
  rejected: { id: string; reason: string }[];
}

interface Page {
  board: string;
  total_players: number;
  entries: { rank: number; score: number; tier: string | null; player: { id: string; name: string } }[];
}

const descriptionOf = (message: SandboxMessage | undefined): string =>
  (message?.embeds[0] as { description?: string } | undefined)?.description ?? '';
const footerOf = (message: SandboxMessage | undefined): string =>
  (message?.embeds[0] as { footer?: { text: string } } | undefined)?.footer?.text ?? '';
/** Each line with its name and points. */
const linesOf = (message: SandboxMessage | undefined): string[] => descriptionOf(message).split('\n');

describe('the leaderboard', () => {
  let hall: Guildhall;
  let key = '';
  let count = 0;

  before(async function () {
    this.timeout(90_000);
    // Ticks come when the test has them come.
    hall = await Guildhall.start();
    await hall.deploy((flows) =>
      flows.map((node) => (node.type === 'guildhall-board' ? { ...node, settleSeconds: 3600 } : node)),
    );
    await until('the boards', async () => (await fetch(`${hall.base}/api/leaderboard`)).ok);
    const scopes = ['players:write', 'scores:write', 'scores:correct'];
    const { DATABASE_URL = '' } = { DATABASE_URL: hall.connectionString };
    const made = spawnSync(process.execPath, [join(ROOT, 'dist', 'program', 'key.js'), 'create', 'test', ...scopes], {
      env: { PATH: process.env.PATH, GUILDHALL_DATA: hall.data, DATABASE_URL },
      encoding: 'utf8',
    });
    key = made.stdout.trim().split('\n').at(-1) ?? '';
    assert.match(key, /^gh_/, made.stderr);
  });
  after(() => hall?.remove());

  const call = async <Body>(method: string, path: string, body?: object): Promise<Answer<Body>> => {
    const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) };
    const response = await fetch(hall.base + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const ask = async <Body>(path: string): Promise<Answer<Body>> => {
    const response = await fetch(hall.base + path);
    return { status: response.status, body: (await response.json()) as Body };
  };
  const put = async (id: string, name: string, more: object = {}) => {
    const { status } = await call('PUT', `/api/players/${id}`, { name, ...more });
    assert.equal(status, 200, id);
  };
  const give = async (player: string | number, metrics: object) => {
    count += 1;
    const event = { id: `given-${count}`, player, ...metrics };
    const { body } = await call<Scored>('POST', '/api/scores', { events: [event] });
    assert.deepEqual(body, { accepted: 1, duplicates: 0, rejected: [] });
  };
  const board = async (as: string, options = '') => (await hall.command(as, `/leaderboard ${options}`)).messages[0];
  const settle = async (name = 'all-time') => {
    const { messages } = await hall.command('bo', `/board settle board:${name}`);
    assert.match(messages[0]?.content ?? '', /is settled: \d+ players\.$/);
    await allHandled(hall);
  };
  const announcements = async () =>
    (await hall.messages('general')).map(({ content }) => content).filter((content) => content.startsWith('👑'));
  const numberOf = async (as: string): Promise<number> => {
    await hall.command(as, '/profile');
    const [link] = await query<{ player_id: string }>(hall, 'select player_id from links where discord_username = $1', [
      as,
    ]);
    return Number(link?.player_id);
  };

  it('says so where nobody has scored yet', async () => {
    assert.match(descriptionOf(await board('ana')), /^Nobody has scored yet/);
    assert.deepEqual((await ask<Page>('/api/leaderboard')).body.entries, []);
    const { messages } = await hall.command('ana', '/stats');
    assert.match(descriptionOf(messages[0]), /no place on this board yet/);
    const compared = await hall.command('ana', '/compare user:bo');
    assert.match(descriptionOf(compared.messages[0]), /no place yet/);
  });

  it('shows in Discord at once what web apps report', async () => {
    for (let number = 1; number <= 12; number += 1) {
      await put(`p${number}`, `Player ${number}`, {
        region: number % 2 ? 'North' : 'South',
        company: number <= 6 ? 'Acme & Sons' : 'Bolt',
        email: `p${number}@example.com`,
      });
    }
    const events = Array.from({ length: 12 }, (_, at) => ({
      id: `first-${at}`,
      player: `p${at + 1}`,
      deals_closed: 12 - at,
    }));
    const bad = [
      { id: 'bad', player: 'nobody', deals_closed: 1 },
      { id: 'worse', player: 'p1', deals_closed: 'many' },
    ];
    const { body } = await call<Scored>('POST', '/api/scores', { events: [...events, ...bad] });
    assert.deepEqual(
      [body.accepted, body.duplicates, body.rejected.map(({ id }) => id).sort()],
      [12, 0, ['bad', 'worse']],
    );
    const again = await call<Scored>('POST', '/api/scores', { events });
    assert.deepEqual(again.body, { accepted: 0, duplicates: 12, rejected: [] });
    const message = await board('ana');
    assert.equal(linesOf(message).length, 10);
    assert.match(linesOf(message)[0] ?? '', /^🥇 \*\*Player 1\*\* · 1,200/);
    assert.equal(footerOf(message), '1–10 of 12');
    assert.equal(message?.ephemeralFor, null);
  });

  it('answers web apps with ranks, filters and tiers, and never with an email', async () => {
    const { body } = await ask<Page>('/api/leaderboard?region=South&limit=2');
    assert.deepEqual(
      body.entries.map(({ rank, score, tier, player }) => [rank, score, tier, player.id]),
      [
        [1, 1100, 'Silver', 'p2'],
        [2, 900, 'Top 10', 'p4'],
      ],
    );
    assert.equal(body.total_players, 6);
    const player = await ask<{ rank: number; score: number }>('/api/players/p3');
    assert.deepEqual([player.body.rank, player.body.score], [3, 1000]);
    assert.doesNotMatch(JSON.stringify([body, player.body]), /@/);
    for (const wrong of ['limit=0', 'limit=1&limit=2', 'offset=x', 'region=a&region=b'])
      assert.equal((await ask(`/api/leaderboard?${wrong}`)).status, 400, wrong);
    assert.equal((await ask('/api/leaderboard?board=none')).status, 404);
    assert.equal((await ask('/api/players/nobody')).status, 404);
  });

  it('pages with buttons that anybody may press, also after a restart and kill -9', async function () {
    this.timeout(60_000);
    const first = await board('ana', 'top:5 region:north');
    assert.match(JSON.stringify(first?.embeds[0]?.title), /North/);
    assert.equal(footerOf(first), '1–5 of 6');
    await hall.end('SIGKILL');
    await hall.start();
    const page = await until('the board', async () => {
      const { messages } = await hall.press('kenji', first?.id ?? '', 'Next ▶');
      return footerOf(messages[0]) === '6–6 of 6' && messages[0];
    });
    assert.equal(page.id, first?.id);
    assert.match(linesOf(page)[0] ?? '', /^\\#6 \*\*Player 11\*\*/);
    const back = await hall.press('ana', page.id, '◀ Back');
    assert.match(linesOf(back.messages[0])[0] ?? '', /Player 1\*\*/);
  });

  it('suggests boards, regions and companies while one types', async () => {
    const suggest = async (input: string) =>
      (await hall.sandbox<{ choices: { name: string }[] }>('autocomplete', { as: 'ana', input, channel: 'general' }))
        .choices;
    assert.deepEqual(await suggest('/leaderboard region:'), [
      { name: 'North', value: 'North' },
      { name: 'South', value: 'South' },
    ]);
    assert.deepEqual(await suggest('/leaderboard company:ac'), [{ name: 'Acme & Sons', value: 'Acme & Sons' }]);
    assert.deepEqual(
      (await suggest('/stats board:')).map(({ name }) => name),
      ['All time', 'This week'],
    );
    assert.deepEqual(await suggest('/score correct player:p3'), [{ name: '🥉 Player 3', value: 'p3' }]);
  });

  it('shows names from people harmless, on one line, and pings nobody', async () => {
    await put('hostile', '@everyone **x**\n<@&1> [a](https://evil.example) ||y||', { company: '`'.repeat(60) });
    await give('hostile', { deals_closed: 100 });
    const message = await board('ana', 'top:2');
    assert.equal(linesOf(message).length, 2);
    assert.match(descriptionOf(message), /^🥇 \*\*@\u200Beveryone \\\*\\\*x\\\*\\\* \\<\\@&1> \\\[a\\\]\(https…\*\*/);
    assert.deepEqual([message?.mentions, message?.mention_roles, message?.mention_everyone], [[], [], false]);
    const excluded = (await hall.command('bo', '/board exclude player:hostile reason:"no name"')).messages[0];
    assert.match(excluded?.content ?? '', /^\*\*@\u200Beveryone .+\*\* is on no board now\. Scores go on/);
    assert.deepEqual([excluded?.mentions, excluded?.mention_roles, excluded?.mention_everyone], [[], [], false]);
  });

  it('gives equal scores one rank, the first to reach it first', async () => {
    await give('p4', { deals_closed: 1 });
    const { body } = await ask<Page>('/api/leaderboard?limit=5');
    assert.deepEqual(
      body.entries.map(({ rank, player }) => [rank, player.id]),
      [
        [1, 'p1'],
        [2, 'p2'],
        [3, 'p3'],
        [3, 'p4'],
        [5, 'p5'],
      ],
    );
    assert.match(linesOf(await board('ana', 'top:4'))[3] ?? '', /^🥉 \*\*Player 4\*\*/);
  });

  it('announces a champion once, and another one when there is one', async function () {
    this.timeout(60_000);
    await settle();
    await settle('weekly');
    // Of two boards that one score changes, the first one is announced.
    assert.deepEqual(await announcements(), ['👑 **Player 1** leads **All time** now.']);
    const { messages } = await hall.command('bo', '/board settle');
    assert.match(
      messages[0]?.content ?? '',
      /^\*\*All time\*\* is settled: 12 players\.\n-# Not This week: `\/board settle board:weekly` settles that$/,
    );
    await settle();
    await give('p2', { deals_closed: 50 });
    await settle();
    await settle();
    assert.deepEqual((await announcements()).slice(1), ['👑 **Player 2** leads **All time** now, ahead of Player 1.']);
    await hall.end('SIGKILL');
    await hall.start();
    await allHandled(hall);
    assert.equal((await announcements()).length, 2);
  });

  it('tells movements from one settling to the next', async () => {
    await give('p12', { deals_closed: 20 });
    const [first, second] = linesOf(await board('ana', 'top:2'));
    assert.match(first ?? '', /Player 2\*\*/);
    assert.match(second ?? '', /Player 12\*\* · 2,100 ▲10$/);
  });

  it('lets an admin correct with a reason and take that back, and nobody else', async () => {
    const wish = '/score correct player:p5 metric:deals_closed value:1 reason:"counted twice"';
    const refused = await hall.command('ana', wish);
    assert.match(refused.messages[0]?.content ?? '', /Not allowed/);
    const done = await hall.command('bo', wish);
    const content = done.messages[0]?.content ?? '';
    assert.match(content, /of \*\*Player 5\*\* is 1 now\.\nAll time: \*\*100\*\*\nThis week: \*\*100\*\*/);
    assert.equal((await ask<{ score: number }>('/api/players/p5')).body.score, 100);
    const number = /Correction #(\d+)/.exec(content)?.[1];
    const undone = await hall.command('bo', `/score undo number:${number} reason:"it was right"`);
    assert.match(undone.messages[0]?.content ?? '', /\*\*Player 5\*\* has\nAll time: \*\*800\*\*/);
    const audited = await query<{ action: string }>(
      hall,
      `select action from audit_log where subject = 'score/${number}'`,
    );
    assert.deepEqual(audited.map(({ action }) => action).sort(), ['score.corrected', 'score.taken-back']);
    const web = await call<{ correction: number }>('POST', '/api/scores/corrections', {
      ...{ player: 'p5', metric: 'deals_closed', value: 9, reason: 'by the shop', board: 'weekly' },
    });
    assert.equal(web.status, 200);
    const actors = await query<{ actor: object }>(
      hall,
      `select actor from audit_log where subject = 'score/${web.body.correction}'`,
    );
    assert.deepEqual(actors, [{ actor: { key: 'test' } }]);
    const scores = [(await ask<{ score: number }>('/api/players/p5')).body.score];
    scores.push((await ask<{ score: number }>('/api/players/p5?board=weekly')).body.score);
    assert.deepEqual(scores, [800, 900]);
    assert.equal((await call('DELETE', `/api/scores/corrections/${web.body.correction}`)).status, 200);
  });

  it('lets an admin add to a score with a reason, each command once, and nobody else', async () => {
    const wish = '/score add player:p6 metric:deals_closed amount:2 reason:"closed on the phone"';
    assert.match((await hall.command('ana', wish)).messages[0]?.content ?? '', /Not allowed/);
    const done = await hall.command('bo', wish);
    const content = done.messages[0]?.content ?? '';
    assert.match(content, /^#\d+: 2 deals closed counted for \*\*Player 6\*\*, who has\nAll time: \*\*900\*\*/);
    const number = /^#(\d+)/.exec(content)?.[1];
    const kept = await query<{ kind: string; reason: string; action: string }>(
      hall,
      `select kind, reason, action from score_log join score_corrections using (seq)
      join audit_log on subject = 'score/' || seq where seq = ${number}`,
    );
    assert.deepEqual(kept, [{ kind: 'score', reason: 'closed on the phone', action: 'score.added' }]);
    await hall.command('bo', `/score undo number:${number}`);
    assert.equal((await ask<{ score: number }>('/api/players/p6')).body.score, 700);
    const unknown = await hall.command('bo', wish.replace('deals_closed', 'nothing'));
    assert.match(unknown.messages[0]?.content ?? '', /knows the metric “nothing”/);
    // Who never used a command is nobody yet.
    const { members } = await hall.state();
    const quiet = members.find(({ username, bot }) => !bot && !['ana', 'bo', 'kenji'].includes(username));
    const nobody = await hall.command('bo', wish.replace('p6', `"<@${quiet?.id}>"`));
    assert.match(nobody.messages[0]?.content ?? '', /No such player/);
  });

  it('shows place, score and tier beside the balances, and one’s own way', async () => {
    const ana = await numberOf('ana');
    await give(ana, { deals_closed: 11, response_rate: 40 });
    await give(ana, { leads_generated: 5, response_rate: 60 });
    const profile = await hall.command('kenji', '/profile user:ana');
    const fields = new Map(profile.messages[0]?.embeds[0]?.fields?.map(({ name, value }) => [name, value]));
    assert.deepEqual(
      [fields.get('Rank'), fields.get('Score'), fields.get('Tier'), fields.get('AI credits')],
      ['\\#4 of 13', '1,150', 'Top 10', '0'],
    );
    const stats = await hall.command('ana', '/stats');
    const text = descriptionOf(stats.messages[0]);
    assert.match(text, /#4 of 13 with \*\*1,150\*\* points/);
    assert.match(text, /deals closed: \*\*11\*\*/);
    assert.match(text, /response rate: \*\*60\*\* \(\+20\)/);
    assert.match(text, /\+50 since <t:\d+:R>/);
    const beside = (await hall.command('ana', '/compare user:bo board:weekly')).messages[0];
    assert.equal(footerOf(beside).trim(), 'Bo Lærke has no place on this board.');
    const compared = descriptionOf(beside);
    assert.match(compared, /\*\*Ana Souza\*\*.*\n\*\*Bo Lærke\*\* no place yet/);
    assert.doesNotMatch(compared, / to /);
  });

  it('hides who wants it from others, and shows them again', async () => {
    await hall.command('ana', '/board hide-me');
    const ana = await numberOf('ana');
    assert.doesNotMatch(descriptionOf(await board('kenji', 'top:25')), /Ana/);
    assert.equal((await ask(`/api/players/player:${ana}`)).status, 404);
    const { messages } = await hall.command('kenji', '/profile user:ana');
    assert.equal(messages[0]?.embeds[0]?.fields?.find(({ name }) => name === 'Rank')?.value, 'hidden');
    assert.doesNotMatch(JSON.stringify(messages), /1[,.]150/);
    const refused = await hall.command('kenji', '/compare user:ana');
    assert.match(refused.messages[0]?.content ?? '', /Not shown/);
    assert.match(descriptionOf((await hall.command('ana', '/stats')).messages[0]), /only you see this/);
    await hall.command('ana', '/board show-me');
    assert.match(descriptionOf(await board('kenji', 'top:25')), /Ana/);
  });

  it('shows everybody whose score rises most and by what, but nobody who is hidden', async () => {
    const watch = async (options = '') => (await hall.command('kenji', `/watch ${options}`)).messages[0];
    const ana = await numberOf('ana');
    await give(ana, { deals_closed: 1000, leads_generated: 3 });
    const shown = await watch('hours:48');
    assert.match(JSON.stringify(shown?.embeds[0]?.title), /The player to watch · All time/);
    assert.equal(shown?.ephemeralFor, null);
    const [place, gained, ...reason] = linesOf(shown);
    assert.match(place ?? '', /^🥇 \*\*Ana Souza\*\* · 101,180$/);
    assert.match(gained ?? '', /^Better by \*\*101,180\*\* than <t:\d+:R>/);
    assert.deepEqual(reason.sort(), ['deals closed: **+1,011**', 'leads generated: **+8**']);
    await hall.command('ana', '/board hide-me');
    assert.match(linesOf(await watch())[0] ?? '', /Player 2\*\*/);
    assert.match(linesOf(await watch('hours:1'))[1] ?? '', / than <t:\d+:R>/);
    assert.match((await watch('board:none'))?.content ?? '', /No such board/);
    await hall.command('ana', '/board show-me');
  });

  it('counts a week beside all time', async () => {
    await query(hall, `update boards set resets_at = now() - interval '1 minute' where key = 'weekly'`);
    const empty = async () => (await ask<Page>('/api/leaderboard?board=weekly')).body.entries.length === 0 || null;
    await until('the new week', empty);
    await give('p7', { campaigns_launched: 2 });
    assert.match(linesOf(await board('ana', 'board:weekly'))[0] ?? '', /^🥇 \*\*Player 7\*\* · 50/);
    assert.ok((await ask<{ score: number }>('/api/players/p7')).body.score === 650);
  });

  it('has a board of one’s own by a setting alone: the fastest lap is best', async function () {
    this.timeout(60_000);
    // While scores are imported no board is stored.
    const importing = new pg.Client({ connectionString: hall.connectionString });
    await importing.connect();
    await importing.query('select pg_advisory_lock($1, hashtext(community_id)) from boards limit 1', [0x4749]);
    await hall.deploy((flows) => {
      const [shipped] = flows.filter(({ type }) => type === 'guildhall-board');
      const metrics = [{ name: 'lap_time', operator: 'best', weight: 1 }];
      const laps = {
        ...shipped,
        id: 'laps-board',
        title: 'Lap times',
        key: 'laps',
        best: 'lowest',
        position: 9,
        metrics,
      };
      return [...flows, laps as (typeof flows)[number]];
    });
    const early = await fetch(`${hall.base}/api/leaderboard?board=laps`);
    const { code } = (await early.json()) as { code: string };
    assert.deepEqual(
      [early.status, early.headers.get('retry-after'), early.headers.get('content-type'), code],
      [503, '5', 'application/problem+json; charset=utf-8', 'board-starting'],
    );
    await importing.end();
    await until('the board', async () => (await ask('/api/leaderboard?board=laps')).status === 200 || null);
    for (const [player, lap_time] of [
      ['p1', 83.2345],
      ['p2', 82.5],
      ['p1', 84],
    ] as const)
      await give(player, { lap_time });
    const { body } = await ask<Page>('/api/leaderboard?board=laps');
    assert.deepEqual(
      body.entries.map(({ score, player }) => [player.id, score]),
      [
        ['p2', 82.5],
        ['p1', 83.2345],
      ],
    );
    assert.match(linesOf(await board('kenji', 'board:laps'))[1] ?? '', /Player 1\*\* · 83[.,]2345/);
  });

  it('is verified beside the running program', () => {
    const { status, output } = hall.run('verify.js');
    assert.equal(status, 0, output);
  });
});
