import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { boardsOf, markPlayer, putPlayer, recordScores } from '../../core/boards/index.ts';
import boardPlayer from '../../nodes/boards/board-player/node.ts';
import boardQuery from '../../nodes/boards/board-query/node.ts';
import boardSettle from '../../nodes/boards/board-settle/node.ts';
import scoreEvent from '../../nodes/boards/score-event/node.ts';
import board from '../../nodes/config/board/node.ts';
import { until } from '../support/guildhall.ts';
import { type NodeHouse, startNodeHouse } from '../support/node-house.ts';

const NODES = [board, boardPlayer, boardQuery, boardSettle, scoreEvent];
const BOARD = { id: 'all-time-board', type: 'guildhall-board', community: 'community', x: undefined, y: undefined };

type Payload = Record<string, unknown>;

describe('the board nodes', () => {
  let house: NodeHouse;
  let count = 0;
  before(async function () {
    this.timeout(60_000);
    house = await startNodeHouse();
  });
  afterEach(() => house.red.unload());
  after(() => house?.stop());

  /** A flow of one node, beside boards. */
  const load = async (type: string, settings: object = {}, boards: object[] = [BOARD]) => {
    const node = { id: 'node', type: `guildhall-${type}`, wires: [['done'], ['refused']], ...settings };
    const ends = ['done', 'refused'].map((id) => ({ id, type: 'helper' }));
    await house.loadFlow(NODES, [...boards, node, ...ends]);
    const { sandbox, platform } = house;
    const keys = boards.map((one) => (one as { key?: string }).key ?? 'all-time');
    const isThere = (key: string) =>
      boardsOf(platform)
        .list(sandbox.guildId)
        .some((one) => one.key === key);
    await until('the boards', async () => keys.every(isThere));
    await until('its scores', async () =>
      boardsOf(platform)
        .live()
        .every(({ loaded }) => loaded !== null),
    );
  };
  /** What the node makes of a message; `null` from the output that it did not take. */
  const run = async (msg: Payload, who: Parameters<NodeHouse['act']>[0] = {}) => {
    const { actor, player, release } = await house.act(who);
    const answer = Promise.race([house.next('done'), house.next('refused')]);
    house.red.getNode('node').receive({ actor, ...msg });
    const { payload, refusal } = (await answer) as {
      payload: Payload;
      refusal?: { code: string; status: number; detail: string };
    };
    release();
    return { payload, refusal, player };
  };
  const server = (...scopes: string[]) => ({ player: null, discord_id: null, scopes, source: `web/${++count}` });
  const flow = () => ({ player: null, discord_id: null, source: `event/${++count}` });
  const approver = async () => {
    const roles = (await house.platform.discord.roles(house.sandbox.guildId)) as {
      value: { id: string; name: string }[];
    };
    return { roles: roles.value.filter(({ name }) => name === 'Approver').map(({ id }) => id) };
  };
  const fill = async (ids: string[], more: object = {}) => {
    const { platform, sandbox } = house;
    for (const id of ids) await putPlayer(platform, sandbox.guildId, id, { name: `Name of ${id}`, ...more });
  };
  const give = async (player: string | number, deals: number) => {
    const { platform, sandbox } = house;
    const event = { id: `e-${++count}`, player, deals_closed: deals };
    assert.equal(((await recordScores(platform, sandbox.guildId, [event], 'test')) as Payload).accepted, 1);
    await boardsOf(platform).caughtUp();
  };

  it('record scores for servers with the scope, for events and for approvers, and for nobody else', async () => {
    await load('score-event');
    await fill(['ada', 'bo']);
    const events = (id: string) => ({ payload: { events: [{ id, player: 'ada', deals_closed: 2 }] } });
    const accepted = { accepted: 1, duplicates: 0, rejected: [] };
    assert.deepEqual((await run(events('r1'), server('scores:write'))).payload, accepted);
    assert.deepEqual((await run(events('r1'), server('scores:write'))).payload, {
      ...accepted,
      accepted: 0,
      duplicates: 1,
    });
    assert.deepEqual((await run(events('r2'), flow())).payload, accepted);
    assert.deepEqual((await run(events('r3'), await approver())).payload, accepted);
    assert.equal((await run(events('r4'), server('players:write'))).refusal?.code, 'not-allowed');
    assert.equal((await run(events('r4'))).refusal?.code, 'not-an-approver');
    const page = await boardsOf(house.platform).page(house.sandbox.guildId, {});
    assert.deepEqual('entries' in page && page.entries.map(({ score, player }) => [player.id, score]), [['ada', 600]]);
  });

  it('take a single event that the payload is, once for what began the flow', async () => {
    await load('score-event', { as: 'this flow' });
    const { player, payload } = await run({ payload: { player: 'nobody', deals_closed: 1 } });
    assert.match(JSON.stringify(payload.rejected), /there is no player/);
    assert.equal((await run({ payload: { deals_closed: 1 } })).payload.accepted, 1);
    assert.match(JSON.stringify((await run({ payload: {} })).payload.rejected), /it has no metric/);
    const who = { source: `reaction-${++count}` };
    const event = { payload: { player: { id: player, name: 'Somebody' }, deals_closed: 1 } };
    assert.equal((await run(event, who)).payload.accepted, 1);
    assert.equal((await run(event, who)).payload.duplicates, 1);
  });

  it('refuse what are no events', async () => {
    await load('score-event');
    for (const payload of [{}, { events: 'many' }, 'text', null, { events: {} }])
      assert.equal((await run({ payload }, flow())).refusal?.code, 'invalid-events', JSON.stringify(payload));
  });

  it('correct a score with a reason, and take that back by its number', async () => {
    await fill(['cleo']);
    await load('score-event', { operation: 'correct' });
    await give('cleo', 3);
    const wish = { player: 'cleo', metric: 'deals_closed', value: 1, reason: 'counted twice' };
    const { payload } = await run({ payload: wish }, await approver());
    assert.deepEqual(payload.scores, [{ board: 'all-time', title: 'All time', score: 100, points: '100' }]);
    assert.equal((payload.player as Payload).name, 'Name of cleo');
    for (const [who, code] of [
      [{}, 'not-an-approver'],
      [flow(), 'not-allowed'],
      [server('scores:write'), 'not-allowed'],
    ] as const)
      assert.equal((await run({ payload: wish }, who)).refusal?.code, code);
    for (const bad of [
      { reason: '' },
      { reason: ' \n ' },
      { value: 'many' },
      { value: 1e300 },
      { metric: 'constructor' },
    ])
      assert.equal((await run({ payload: { ...wish, ...bad } }, await approver())).refusal?.code, 'invalid-correction');
    const nobody = await run({ payload: { ...wish, player: '<@100000000000000001>' } }, await approver());
    assert.deepEqual(
      [nobody.refusal?.code, nobody.refusal?.detail],
      ['player-not-found', 'This member is no player here yet.'],
    );
    await house.red.unload();
    await load('score-event', { operation: 'take back' });
    const back = await run({ payload: { number: payload.correction }, res: {} }, server('scores:correct'));
    assert.deepEqual(back.payload.scores, [{ board: 'all-time', score: 300 }]);
    const { refusal } = await run({ payload: { number: 999_999 } }, await approver());
    assert.deepEqual(
      [refusal?.code, refusal?.detail],
      ['correction-not-found', 'Nothing in the log has the number “999999”.'],
    );
  });

  it('save players of servers, without showing their email', async () => {
    await load('board-player');
    const asked = {
      payload: { name: 'Dana', region: 'North', email: 'dana@example.com' },
      req: { params: { id: 'dana' } },
    };
    const { payload } = await run(asked, server('players:write'));
    assert.deepEqual(payload, { id: 'dana', name: 'Dana', region: 'North', company: null });
    assert.equal((await run(asked, server('scores:write'))).refusal?.code, 'not-allowed');
    assert.equal(
      (await run({ ...asked, payload: { name: '' } }, server('players:write'))).refusal?.code,
      'invalid-player',
    );
  });

  it('hide whoever asks for it, from all but themselves', async () => {
    await load('board-player', { operation: 'hide' });
    const { actor, player, release } = await house.act();
    await give(player, 1);
    const hidden = house.next('done');
    house.red.getNode('node').receive({ actor, payload: {} });
    assert.equal(((await hidden).payload as Payload).changed, true);
    release();
    assert.equal((await run({ payload: { player } })).refusal?.code, 'not-an-approver');
    await house.red.unload();
    await load('board-query', { query: 'player' });
    const look = async (who: object, msg: object = {}) => run({ payload: { player }, ...msg }, who);
    const own = (await look({ player })).payload.standing as Payload;
    assert.deepEqual([own.state, own.score, own.is_own], ['hidden', 100, true]);
    const others = (await look({})).payload.standing as Payload;
    assert.deepEqual([others.state, others.score, others.rank], ['hidden', null, null]);
    assert.equal((await look(server(), { res: {} })).refusal?.status, 404);
    await house.red.unload();
    await load('board-query', { query: 'history' });
    assert.equal((await look({})).refusal?.code, 'player-not-shown');
    assert.equal(((await look({ player })).payload.history as Payload).has_points, true);
    await house.red.unload();
    await load('board-query', { query: 'compare' });
    assert.equal((await look({})).refusal?.code, 'player-not-shown');
  });

  it('take a player off the boards only with an approver’s role or the scope', async () => {
    await fill(['ed']);
    await load('board-player', { operation: 'exclude' });
    await give('ed', 1);
    const wish = { payload: { player: 'ed', reason: 'shared an account' } };
    assert.equal((await run(wish)).refusal?.code, 'not-an-approver');
    assert.equal((await run(wish, flow())).refusal?.code, 'not-allowed');
    const { payload } = await run(wish, server('scores:correct'));
    assert.deepEqual([payload.changed, payload.player, payload.name], [true, 'ed', 'Name of ed']);
    const found = await boardsOf(house.platform).player(house.sandbox.guildId, 'ed');
    assert.equal('state' in found && found.state, 'excluded');
    // As the dialog and the command say: the reason lies with the exclusion, the audit has the deed alone.
    const { rows } = await sql<{ reason: string; audit: string }>`
      select exclusion_reason as reason, (select audit_log::text from audit_log where action = 'board.excluded') as audit
      from profiles where web_id = 'ed'`.execute(house.platform.database);
    assert.equal(rows[0]?.reason, wish.payload.reason);
    assert.doesNotMatch(rows[0]?.audit ?? '', /shared/);
  });

  it('show a page with texts for messages, and values alone to the web', async () => {
    await fill(['f1', 'f2', 'f3'], { region: 'Far North', company: 'F & Co' });
    await load('board-query');
    for (const [player, deals] of [
      ['f1', 12.5],
      ['f2', 30],
      ['f3', 12.5],
    ] as const)
      await give(player, deals);
    const asked = { payload: { region: 'far north', limit: 2 }, interaction: { locale: 'fr' }, locale: 'de' };
    const { payload } = await run(asked);
    const page = payload.page as Payload & { entries: Payload[]; pages: Payload[] };
    assert.deepEqual(
      page.entries.map(({ place, points, is_new, movement }) => [place, points, is_new, movement]),
      [
        ['🥇', '3.000', false, ''],
        ['🥈', '1.250', false, ''],
      ],
    );
    assert.deepEqual(
      [page.region, page.first, page.last, page.total, page.has_previous, page.has_next],
      ['Far North', '1', '2', '3', false, true],
    );
    // Others read it, too: the words are English, whatever language the member has Discord in.
    const english = await run({ ...asked, locale: undefined });
    assert.equal((english.payload.page as typeof page).entries[0]?.points, '3,000');
    const web = await run({ payload: { region: 'Far North', limit: '2' }, res: {} }, server());
    assert.deepEqual(Object.keys(web.payload).sort(), ['board', 'entries', 'generated_at', 'offset', 'total_players']);
    assert.deepEqual(Object.keys((web.payload.entries as Payload[])[0] ?? {}).sort(), [
      ...['delta', 'player', 'previous_rank', 'rank', 'score', 'tier'],
    ]);
    // The second page by what its button carries.
    const next = page.pages.find(({ is_next }) => is_next)?.place;
    const second = (await run({ payload: {}, interaction: { argument: next } })).payload.page as typeof page;
    assert.deepEqual(
      [second.entries.map(({ place }) => place), second.first, second.region, second.has_next, second.has_previous],
      [['🥈'], '3', 'Far North', false, true],
    );
  });

  it('carry a page of any filter in a custom id', async () => {
    const long = { region: '東'.repeat(60), company: '👩‍👩‍👧'.repeat(7) };
    await fill(['g1', 'g2'], long);
    await load('board-query', {}, [{ ...BOARD, key: 'a-board-whose-key-is-rather-long' }]);
    for (const player of ['g1', 'g2']) await give(player, 1);
    const { payload } = await run({ payload: { ...long, limit: 1 } });
    const { pages } = payload.page as { pages: { is_next?: boolean; place: string }[] };
    const place = pages.find(({ is_next }) => is_next)?.place ?? '';
    assert.ok(`board-page:${place}`.length <= 100);
    const { page } = (await run({ payload: {}, interaction: { argument: place } })).payload as { page: Payload };
    assert.deepEqual([page.region, page.company, page.first], [long.region, long.company, '2']);
    const gone = place.replace(/\.[^.]+\.[^.]+$/, '.AAAAAAAAAA.');
    assert.equal((await run({ payload: {}, interaction: { argument: gone } })).refusal?.code, 'filter-gone');
  });

  it('refuse wrong and repeated parameters', async () => {
    await load('board-query');
    for (const wrong of [
      { limit: '0' },
      { limit: '101' },
      { limit: ['1', '2'] },
      { offset: '-1' },
      { around: ['a', 'b'] },
      { region: ['a'] },
      { board: ['all-time'] },
    ])
      assert.equal((await run({ payload: wrong, res: {} }, server())).refusal?.status, 400, JSON.stringify(wrong));
    const answers = async (payload: object) => {
      const { refusal } = await run({ payload });
      return [refusal?.code, refusal?.detail];
    };
    const [code, detail] = await answers({ board: 'none' });
    assert.equal(code, 'board-not-found');
    assert.match(detail ?? '', /^No board here is “none”; there are: all-time/);
    assert.deepEqual(await answers({ around: 'no\u200Bbody\n# else' }), [
      'player-not-found',
      'Nobody here is “nobody # else”.',
    ]);
  });

  it('tell anybody on the web of nobody who is not on the boards', async () => {
    await fill(['ia', 'ib', 'ic', 'id']);
    const { platform, sandbox } = house;
    for (const player of ['ia', 'ib', 'ic']) await give(player, 1);
    const member = await house.act();
    await give(member.player, 1);
    member.release();
    const numberOf = async (id: string) => {
      const { rows } = await sql<{ player_id: number }>`
        select player_id from profiles where web_id = ${id}`.execute(platform.database);
      return Number(rows[0]?.player_id);
    };
    const mark = { community: sandbox.guildId, actor: { policy: 'test', node: 'test', revision: '' }, source: 'test' };
    await markPlayer(platform, { ...mark, player: 'ib', mark: { hidden: true } });
    await markPlayer(platform, { ...mark, player: 'ic', mark: { excluded: true, reason: null } });
    await boardsOf(platform).caughtUp();
    const unknown = ['nobody', 'ib', 'ic', 'id', `player:${await numberOf('ia')}`, `player:${await numberOf('ib')}`];
    for (const [settings, field] of [
      [{ query: 'player' }, 'player'],
      [{ query: 'history' }, 'player'],
      [{ query: 'page' }, 'around'],
    ] as const) {
      await load('board-query', settings);
      const look = (player: string, ...scopes: string[]) =>
        run({ payload: { [field]: player }, res: {} }, server(...scopes));
      const none = (await look('nobody')).refusal;
      assert.equal(none?.code, 'player-not-found');
      for (const player of unknown) {
        const { refusal } = await look(player);
        // All that differs is what was asked for.
        const detail = refusal?.detail.replace(player, 'nobody');
        assert.deepEqual({ ...refusal, detail }, none, `${field} ${player}`);
      }
      const mentioned = async (account: string) => (await look(`<@${account}>`)).refusal;
      assert.deepEqual(await mentioned(member.actor.discord_id ?? ''), await mentioned('100000000000000001'));
      for (const player of ['ia', `player:${member.player}`]) {
        assert.equal((await look(player)).refusal, undefined, `${field} ${player}`);
      }
      // Who has a key may know who there is.
      for (const player of ['id', `player:${await numberOf('ia')}`]) {
        assert.equal((await look(player, 'players:write')).refusal, undefined, `${field} ${player}`);
      }
      await house.red.unload();
    }
  });

  it('take no metric whose name every object has, as no request could carry it', () => {
    for (const name of ['id', 'player', 'kind', 'board', 'constructor', 'prototype']) {
      const metrics = [{ name, operator: 'sum', weight: 1 }];
      assert.equal(board.definition.settings.safeParse({ metrics }).success, false, name);
    }
  });

  it('suggest what fits an option, by its name', async () => {
    await fill(['h1'], { region: 'Highlands', company: 'Hill' });
    await load('board-query', { query: 'suggestions' });
    await give('h1', 1000);
    const suggest = async (option: string, value: string) =>
      (await run({ payload: {}, autocomplete: { option, value } })).payload as unknown as {
        name: string;
        value: string;
      }[];
    assert.deepEqual(await suggest('region', 'high'), [{ name: 'Highlands', value: 'Highlands' }]);
    assert.deepEqual(await suggest('company', 'HILL'), [{ name: 'Hill', value: 'Hill' }]);
    assert.deepEqual(await suggest('board', 'all-t'), [{ name: 'All time', value: 'all-time' }]);
    assert.deepEqual(await suggest('metric', 'deals c'), [{ name: 'deals closed', value: 'deals_closed' }]);
    assert.deepEqual(await suggest('player', 'h1'), [{ name: '🥇 Name of h1', value: 'h1' }]);
    assert.deepEqual(await suggest('constructor', ''), []);
  });

  it('settle a board for those who may', async () => {
    await load('board-settle', { board: BOARD.id });
    assert.equal((await run({ payload: {} })).refusal?.code, 'not-an-approver');
    const { payload } = await run({ payload: { board: 'another' } }, await approver());
    assert.equal(payload.title, 'All time');
    assert.ok(Number(payload.tick) >= 1);
  });

  it('keep one of two boards with one key, and the other when that is gone', async () => {
    const second = { ...BOARD, id: 'b-second', title: 'Second', key: 'shared' };
    const first = { ...BOARD, id: 'a-first', title: 'First', key: 'shared' };
    await load('board-query', {}, [second]);
    await house.red.unload();
    const { platform, sandbox } = house;
    await house.loadFlow(NODES, [second, first]);
    const titles = () =>
      boardsOf(platform)
        .list(sandbox.guildId)
        .map(({ title }) => title);
    await until('the first', async () => titles().includes('First') && !titles().includes('Second'));
    const { error } = house.red.getNode('b-second') as unknown as { error: { args: unknown[][] } };
    assert.match(
      JSON.stringify(error.args),
      /board a-first has the key “shared” already.*Give one of the two another key/,
    );
  });

  it('say of a board how many events do not count by its weights', async () => {
    await fill(['heavy']);
    const metrics = [{ name: 'weight', operator: 'sum', weight: 1 }];
    const scale = { ...BOARD, id: 'scale', key: 'scale', metrics };
    await load('board-query', {}, [scale]);
    const { platform, sandbox } = house;
    const event = { id: 'heavy', player: 'heavy', weight: 1_000_000 };
    await recordScores(platform, sandbox.guildId, [event], 'test');
    await house.red.unload();
    await load('board-query', {}, [{ ...scale, metrics: [{ ...metrics[0], weight: 1_000_000 }] }]);
    const { error, status } = house.red.getNode('scale') as unknown as Record<string, { args: unknown[][] }>;
    await until('the sentence', async () => (error?.args.length ?? 0) > 0);
    assert.match(String(error?.args), /^1 score event does not count on the board “All time”.*Use smaller weights/);
    assert.deepEqual(status?.args.at(-1), [{ fill: 'red', shape: 'ring', text: 'status.tooLarge' }]);
  });

  it('say what is wrong with a board’s settings', async () => {
    await house.loadFlow(NODES, [{ ...BOARD, id: 'wrong', metrics: [] }]);
    const heard = house.next('caught');
    house.red.getNode('wrong').receive({});
    assert.match(String(((await heard).error as { message: string }).message), /“metrics”: a board needs a metric/);
  });
});
