import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import WebSocket from 'ws';
import { wait } from '../../platform/clock.ts';
import { ROOT } from '../support/database.ts';
import { type FlowNode, Guildhall, until } from '../support/guildhall.ts';
import { allHandled, followStatus, query } from '../support/inside.ts';
import { startLoad } from '../support/load.ts';

const APPROVER = 'bo';

/** The files of a folder with their text. */
function filesIn(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The names of the files that differ. */
function changed(before: Map<string, string>, after: Map<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}

/** The flows with one node changed; `which` is its name, or its type and a setting such as `component customId=x`. */
function edit(flows: FlowNode[], which: string, change: object): FlowNode[] {
  const [type, setting = ''] = which.split(' ');
  const [key = '', value] = setting.split('=');
  const node =
    flows.find(({ name }) => name === which) ??
    flows.find((node) => node.type === `guildhall-${type}` && node[key] === value);
  assert.ok(node, `no node "${which}"`);
  return flows.map((other) => (other === node ? { ...node, ...change } : other));
}

const idOf = (flows: FlowNode[], name: string) => flows.find((node) => node.name === name)?.id ?? '';
const tabOf = (flows: FlowNode[]) => flows.find(({ type }) => type === 'tab')?.id ?? '';

describe('a deploy', () => {
  let hall: Guildhall;
  let shipped: FlowNode[];
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
    ({ flows: shipped } = await hall.admin<{ flows: FlowNode[] }>('flows'));
  });
  after(() => hall?.remove());
  const healthy = () => until('health', async () => (await hall.health()).code === 200);
  afterEach(async () => {
    await hall.deploy(() => shipped);
    await healthy();
  });

  const requestOf = async (request: number) => {
    const [row] = await query<{ status: string; ledger: number }>(
      hall,
      `select status, (select count(*)::int from credit_ledger where request_id = request.id) as ledger
       from credit_requests as request where id = $1`,
      [request],
    );
    return row;
  };

  it('without edits changes no file, also the first one', async () => {
    const before = filesIn(hall.flows);
    await hall.deploy((flows) => flows);
    assert.deepEqual(changed(before, filesIn(hall.flows)), []);
    assert.deepEqual(changed(before, filesIn(join(ROOT, 'flows'))), []);
  });

  it('puts a switch before the card, and small requests are decided by the flow’s policy', async () => {
    const before = filesIn(hall.flows);
    const { pid } = hall;
    await hall.deploy((flows) => {
      const card = idOf(flows, 'card in #credit-approvals');
      const z = tabOf(flows);
      return [
        ...edit(flows, 'community-event event=credit.requested', { wires: [['small0000000001']] }),
        {
          id: 'small0000000001',
          type: 'switch',
          z,
          name: 'small?',
          property: 'payload.request.amount',
          propertyType: 'msg',
          rules: [{ t: 'lt', v: '10', vt: 'num' }, { t: 'else' }],
          checkall: 'false',
          repair: false,
          outputs: 2,
          x: 300,
          y: 400,
          wires: [['small0000000002'], [card]],
        },
        {
          id: 'small0000000002',
          type: 'guildhall-credit-decision',
          z,
          name: 'small requests',
          version: 1,
          decision: 'approve',
          as: 'policy',
          dailyCap: 12,
          request: 'payload.request.id',
          requestType: 'msg',
          note: '',
          noteType: 'str',
          x: 500,
          y: 440,
          wires: [[], [card]],
        },
      ];
    });
    const { rev } = await hall.admin<{ rev: string }>('flows');
    const small = await hall.ask('ana', 9);
    const told = await until('the direct message', async () =>
      (await hall.directMessages('ana')).find(({ content }) => content.includes(`#${small} `)),
    );
    assert.match(told.content, /9 AI credits.*approved.*by small requests/);
    const big = await hall.ask('ana', 10);
    const card = await hall.card(big);
    assert.match((await hall.press(APPROVER, card.id, 'Approve')).messages[0]?.content ?? '', /You approved/);
    // Over the policy's cap of 12 a day a person decides.
    const overCap = await hall.ask('kenji', 5);
    await hall.card(overCap);
    await allHandled(hall);
    const cards = (await hall.messages('credit-approvals')).map(({ embeds }) => embeds[0]?.title ?? '');
    assert.ok(!cards.some((title) => title.startsWith(`Request #${small}:`) || title === `Request #${small}`));
    assert.deepEqual(await requestOf(small), { status: 'approved', ledger: 1 });
    assert.equal((await requestOf(overCap))?.status, 'pending');
    assert.deepEqual(await hall.balances('ana'), { ai: 19, lead: 0 });

    const audit = await query<{ actor: object }>(hall, 'select actor from audit_log where subject = $1', [
      `credit-request/${small}`,
    ]);
    assert.deepEqual(audit, [{ actor: { policy: 'small requests', node: 'small0000000002', revision: rev } }]);
    assert.equal(hall.pid, pid);
    const after = filesIn(hall.flows);
    assert.deepEqual(changed(before, after), ['credits.json']);
    const lines = new Set(after.get('credits.json')?.split('\n'));
    const lost = before
      .get('credits.json')
      ?.split('\n')
      .filter((line) => !lines.has(line));
    assert.deepEqual(lost, []);
  });

  describe('with a forged msg.actor', () => {
    /** Puts a function between the Approve button and the decision, and notes what a Catch node gets. */
    const forge = (func: string) =>
      hall.deploy(() => {
        const z = tabOf(shipped);
        return [
          ...edit(shipped, 'Approve pressed', { wires: [['forge0000000001']] }),
          { id: 'forge0000000001', type: 'function', z, func, outputs: 1, wires: [[idOf(shipped, 'approve')]] },
          { id: 'forge0000000002', type: 'catch', z, scope: null, uncaught: false, wires: [['forge0000000003']] },
          {
            id: 'forge0000000003',
            type: 'function',
            z,
            func: `const { code, source } = msg.error;
              global.set('${list}', [...(global.get('${list}') ?? []), { code, source: source.type }]);`,
            outputs: 0,
            wires: [],
          },
        ];
      });
    const caught = async () => {
      const { msg } = await hall.admin<{ msg: string }>(`context/global/${list}`);
      return JSON.parse(msg);
    };
    let list = 'caught0';
    beforeEach(() => {
      list = `caught${Number(list.slice(6)) + 1}`;
    });

    const untouched = async (request: number) => {
      assert.deepEqual(await requestOf(request), { status: 'pending', ledger: 0 });
    };

    it('a changed one has no effect, and a Catch node gets the error', async () => {
      const request = await hall.ask('ana', 11);
      const card = await hall.card(request);
      const { roles } = await hall.sandbox<{ roles: { id: string }[] }>('state');
      await forge(`msg.actor.player = 1; msg.actor.roles = ${JSON.stringify(roles.map(({ id }) => id))}; return msg;`);
      const { messages } = await hall.press('kenji', card.id, 'Approve');
      assert.match(messages[0]?.content ?? '', /Something went wrong \(actor-forged\)/);
      assert.deepEqual(await caught(), [{ code: 'actor-forged', source: 'guildhall-credit-decision' }]);
      await untouched(request);
    });

    it('one made from nothing has no effect, and a Catch node gets the error', async () => {
      const request = await hall.ask('ana', 12);
      const card = await hall.card(request);
      await forge(`return {
        actor: { ...msg.actor, seal: 'x'.repeat(43) },
        interaction: { argument: msg.interaction.argument },
      };`);
      const { messages } = await hall.press(APPROVER, card.id, 'Approve');
      assert.match(messages[0]?.content ?? '', /Something went wrong \(actor-forged\)/);
      await forge(`return { interaction: { argument: msg.interaction.argument } };`);
      await hall.press(APPROVER, card.id, 'Approve');
      assert.deepEqual(await caught(), [
        { code: 'actor-forged', source: 'guildhall-credit-decision' },
        { code: 'actor-missing', source: 'guildhall-credit-decision' },
      ]);
      await untouched(request);
    });

    it('one of a message that was kept has no effect, and a Catch node gets the error', async () => {
      const first = await hall.ask('ana', 13);
      const second = await hall.ask('ana', 14);
      const cards = [await hall.card(first), await hall.card(second)];
      await forge(
        `const kept = context.get('kept');
         context.set('kept', RED.util.cloneMessage(msg));
         if (kept) kept.interaction.argument = msg.interaction.argument;
         return kept ?? msg;`,
      );
      assert.match(
        (await hall.press(APPROVER, cards[0]?.id ?? '', 'Approve')).messages[0]?.content ?? '',
        /You approved/,
      );
      // A member without the right presses, and the flow lends them the approver's message.
      await hall.press('kenji', cards[1]?.id ?? '', 'Approve');
      assert.deepEqual(await caught(), [{ code: 'actor-expired', source: 'guildhall-credit-decision' }]);
      await untouched(second);
    });
  });

  for (const type of ['full', 'flows', 'nodes']) {
    it(`of the kind “${type}” loses no command and no press under load`, async function () {
      this.timeout(60_000);
      const load = await startLoad(hall);
      try {
        for (let round = 1; round <= 3; round += 1) {
          await wait(700);
          await hall.deploy((flows) => {
            const moved = edit(flows, 'tell the member', { x: 700 + round });
            const described = edit(moved, 'slash-command command=profile', { description: `Credits ${type} ${round}` });
            return edit(described, 'Community', { creditsPerRequest: 100 + round });
          }, type);
        }
      } finally {
        await load.stop();
      }
      const { commands, presses, cards } = load;
      assert.deepEqual(commands.unexpected, []);
      assert.deepEqual(presses.unexpected, []);
      assert.ok(commands.count > 100, `${commands.count} commands`);
      assert.ok(presses.count > 5, `${presses.count} presses`);
      assert.equal(cards(), commands.asked);
    });
  }

  describe('that changes commands', () => {
    const REGISTER = 'PUT /applications/:application/guilds/:guild/commands';
    const describeProfile = (description: string) =>
      hall.deploy((flows) => edit(flows, 'slash-command command=profile', { description }));
    const registered = (description: string) =>
      until('the commands', async () =>
        ((await hall.state()).commands as { description?: string }[]).some((one) => one.description === description),
      );
    let shippedSet = '';
    const known = async () => JSON.stringify((await hall.state()).commands, ['name', 'description', 'options']);
    before(async () => {
      await registered("See a member's place and credits");
      shippedSet = await known();
    });
    beforeEach(() => until('the shipped commands', async () => (await known()) === shippedSet));
    afterEach(() => hall.clearFaults());

    it('leaves /health at 200 while Discord takes its time with them', async () => {
      await hall.faults({ route: REGISTER, delayMs: 600, times: 1 });
      const seen = new Set<string>();
      let over = false;
      const watching = (async () => {
        while (!over) {
          const { code, problems } = await hall.health();
          seen.add([code, ...problems].join(' '));
        }
      })();
      await describeProfile('Slowly');
      await registered('Slowly');
      over = true;
      await watching;
      assert.deepEqual([...seen], ['200']);
    });

    it('that two nodes declare shows both in red, and keeps the one with the lower id', async () => {
      const first = shipped.find(({ command }) => command === 'profile') as FlowNode;
      const second = { ...first, id: 'ffffffffffffffff', name: 'another', description: 'Of another', wires: [[], []] };
      const status = await followStatus(hall);
      const green = (...ids: string[]) =>
        until('the status', async () => ids.every((id) => status.of(id)?.fill === 'green'));
      try {
        await hall.deploy((flows) => [...flows, second], 'nodes');
        for (const { id } of [first, second]) {
          const shown = await until('the status', async () => status.of(id)?.fill === 'red' && status.of(id));
          assert.equal(shown.text, 'status.twice');
        }
        const told = /slash command \w+ and “another” both take \/profile: only the first gets it\. Delete one/;
        const { code, problems } = await hall.health();
        assert.equal(code, 200);
        assert.match(problems.join(), told);
        assert.match(hall.output, told);
        assert.ok((await hall.command('ana', '/profile')).messages[0]?.embeds[0]);
        await hall.deploy((flows) => edit(flows, 'another', { command: 'profile-of' }), 'nodes');
        await green(first.id, second.id);
        assert.deepEqual((await hall.health()).problems, []);
        await registered('Of another');
      } finally {
        status.stop();
      }
    });

    it('turns /health to 503 where Discord does not take them, until it does', async () => {
      await hall.faults({ route: REGISTER, status: 500, times: 1 });
      await describeProfile('At the second try');
      const { problems } = await until('the news', async () => {
        const health = await hall.health();
        return health.code === 503 && health;
      });
      assert.match(problems.join(), /Registering the slash commands failed/);
      await registered('At the second try');
      await healthy();
    });
  });

  it('that names a channel which is not there says so in /health, which stays at 200, until there is one', async () => {
    await hall.deploy((flows) => edit(flows, 'card in #credit-approvals', { channel: 'nowhere' }));
    const named = async () => (await hall.health()).problems.filter((problem) => problem.includes('#nowhere'));
    const [problem, ...more] = await until('the problem', async () => {
      const problems = await named();
      return problems.length > 0 && problems;
    });
    assert.match(
      problem ?? '',
      /^There is no channel #nowhere in Guildhall Demo\. The node “card in #credit-approvals” /,
    );
    assert.match(problem ?? '', / Make a text channel nowhere in Discord, or open the node .* and choose another\.$/);
    assert.deepEqual(more, []);
    assert.equal((await hall.health()).code, 200);
    const { application, guild } = await hall.state();
    const made = await fetch(`http://127.0.0.1:${hall.sandboxPort}/api/v10/guilds/${guild.id}/channels`, {
      method: 'POST',
      headers: { authorization: `Bot ${application.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'nowhere', type: 0 }),
    });
    assert.equal(made.status, 201);
    await until('no problem', async () => (await named()).length === 0);
  });

  it('with a board that cannot be says so in /health, which stays at 200, until it is mended', async () => {
    const deployWeight = (weight: number) =>
      hall.deploy((flows) =>
        flows.map((node) =>
          node.type === 'guildhall-board' && node.key === 'weekly'
            ? { ...node, metrics: [{ name: 'deals_closed', operator: 'sum', weight }] }
            : node,
        ),
      );
    const named = async () => (await hall.health()).problems.filter((problem) => problem.includes('weight'));
    await deployWeight(1e300);
    const [problem, ...more] = await until('the problem', async () => {
      const problems = await named();
      return problems.length > 0 && problems;
    });
    assert.deepEqual(more, []);
    assert.match(problem ?? '', /^board [0-9a-f]+ does not run\. Setting “metrics\.0\.weight”: use a weight from/);
    assert.equal((await hall.health()).code, 200);
    await deployWeight(100);
    await until('no problem', async () => (await named()).length === 0);
  });

  it('with an invalid setting leaves the rest of the flow running', async () => {
    await hall.deploy((flows) => edit(flows, 'show the profile', { answer: 'telegram' }));
    const broken = await hall.command('priya', '/profile');
    assert.match(broken.messages[0]?.content ?? '', /Something went wrong/);
    const request = await hall.ask('priya', 15);
    const pressed = await hall.press(APPROVER, (await hall.card(request)).id, 'Approve');
    assert.match(pressed.messages[0]?.content ?? '', /You approved/);
    await hall.deploy((flows) => edit(flows, 'community-event event=credit.decided', { event: 'credit.dreamt' }));
    await healthy();
    assert.match((await hall.command('priya', '/request list')).messages[0]?.content ?? '', /approved/);
  });

  describe('is refused, as all of the editor is,', () => {
    /** The status of a GET with these headers. */
    const status = (path: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = get({ host: '127.0.0.1', port: hall.port, path, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.once('error', reject);
      });
    const own = () => `127.0.0.1:${hall.port}`;

    it('without the password', async () => {
      for (const path of ['flows', 'settings', 'context/global', 'nodes', 'comms']) {
        assert.equal((await fetch(`${hall.base}/editor/${path}`)).status, path === 'comms' ? 404 : 401, path);
      }
      const deploy = await fetch(`${hall.base}/editor/flows`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '[]',
      });
      assert.equal(deploy.status, 401);
    });

    it('under a foreign name and from a page of another site', async () => {
      const authorization = `Bearer ${await hall.signIn()}`;
      for (const path of ['/editor/', '/editor/flows', '/health', '/']) {
        assert.equal(await status(path, { host: own(), authorization }), 200, path);
        assert.equal(await status(path, { host: 'evil.example', authorization }), 403, path);
        assert.equal(await status(path, { host: `evil.example:${hall.port}`, authorization }), 403, path);
        assert.equal(await status(path, { host: own(), origin: 'https://evil.example', authorization }), 403, path);
        assert.equal(await status(path, { host: own(), origin: 'null', authorization }), 403, path);
      }
    });

    /** How the editor's socket begins with these headers and this first word: what it says, or that it is closed. */
    const talk = (headers: Record<string, string>, auth: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${hall.port}/editor/comms`, { headers });
        socket.once('open', () => socket.send(JSON.stringify({ auth })));
        socket.once('message', (message) => {
          resolve(String(message));
          socket.terminate();
        });
        socket.once('error', () => resolve('refused'));
        socket.once('close', () => resolve('closed'));
      });

    it('over its socket too', async () => {
      const token = await hall.signIn();
      assert.equal(await talk({ origin: hall.base }, token), '{"auth":"ok"}');
      assert.equal(await talk({ origin: 'https://evil.example' }, token), 'refused');
      assert.equal(await talk({ host: 'evil.example' }, token), 'refused');
      assert.equal(await talk({}, 'a guess'), '{"auth":"fail"}');
    });
  });
});
