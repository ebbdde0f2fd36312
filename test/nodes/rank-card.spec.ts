import assert from 'node:assert/strict';
import reply from '../../nodes/answers/reply/node.ts';
import rankCard from '../../nodes/boards/rank-card/node.ts';
import slashCommand from '../../nodes/intakes/slash-command/node.ts';
import { createPictures } from '../../platform/pictures/index.ts';
import { silent } from '../support/database.ts';
import { type Answered, until } from '../support/guildhall.ts';
import { imageOf } from '../support/images.ts';
import { type NodeHouse, startNodeHouse } from '../support/node-house.ts';

interface Shown {
  content: string;
  attachments: { filename: string; url: string; description?: string }[];
}

const STANDING = {
  board: { key: 'all-time', title: 'All-time' },
  total_players: 1204,
  entry: {
    ...{ rank: 12, previous_rank: 15, delta: 3, score: 4210.5, tier: 'Elite' },
    player: { id: 'player:17', name: '山田 *太郎* 🔥', region: null, company: 'Acme Ltd' },
  },
  metrics: [
    { name: 'deals_closed', value: 38 },
    { name: 'response_rate', value: null },
  ],
  next: { rank: 11, points: 90 },
};
const HISTORY = {
  board: { key: 'all-time', title: 'All-time' },
  points: [
    { at: '2026-05-03T10:00:00Z', score: 120, rank: 14 },
    { at: '2026-05-10T10:00:00Z', score: null, rank: null },
    { at: '2026-05-20T10:00:00Z', score: 410.5, rank: 6 },
  ],
};

describe('the node rank card', () => {
  let house: NodeHouse;
  before(async function () {
    this.timeout(60_000);
    house = await startNodeHouse();
  });
  afterEach(() => house.red.unload());
  after(() => house?.stop());

  const out = [0, 1].map((index) => ({ id: `out${index}`, type: 'helper' }));
  const load = (settings: object = {}) =>
    house.loadFlow(
      [rankCard],
      [{ id: 'draw', type: 'guildhall-rank-card', version: 1, ...settings, wires: [['out0'], ['out1']] }, ...out],
    );
  /** What comes out of the node, and from which output. */
  const drawn = async (message: object) => {
    const { actor } = await house.act();
    const arrived = Promise.race([0, 1].map(async (output) => ({ output, msg: await house.next(`out${output}`) })));
    house.red.getNode('draw').receive({ actor, ...message });
    const { output, msg } = await arrived;
    const payload = msg.payload as { text: string; card?: { name: string; data: Buffer; description: string } };
    return { output, payload };
  };
  /** A machine on which the packages that draw are missing. */
  const withoutPictures = async (work: () => Promise<void>) => {
    const { pictures } = house.platform;
    const load = () => import('sharp-that-nobody-installed' as string);
    house.platform.pictures = createPictures({ log: silent, load });
    try {
      await work();
    } finally {
      house.platform.pictures = pictures;
    }
  };

  it('draws a standing, with its figures as text and for those who do not see it', async () => {
    await load();
    const { output, payload } = await drawn({ payload: { standing: STANDING, kept: 1 } });
    assert.equal(output, 0);
    const { width, height } = await imageOf(payload.card?.data ?? null).metadata();
    assert.deepEqual([width, height], [900, 260]);
    assert.equal(payload.card?.name, 'rank-card.png');
    for (const said of [payload.text, payload.card?.description ?? '']) {
      for (const figure of ['山田 *太郎* 🔥', '#12', '1,204', '4,210.5', 'Elite', 'Deals closed 38', '90']) {
        assert.ok(said.includes(figure), `${figure} in ${said}`);
      }
    }
    assert.equal((payload as { kept?: number }).kept, 1);
  });

  it('draws a history, in the language of who asks', async () => {
    await load({ picture: 'history', title: 'Weg von {{payload.who}}', timeZone: 'Europe/Berlin' });
    const { output, payload } = await drawn({
      interaction: { locale: 'de' },
      payload: { history: HISTORY, who: 'Ana' },
    });
    assert.equal(output, 0);
    assert.equal(payload.card?.name, 'history.png');
    assert.equal(
      payload.text,
      'Weg von Ana: Punkte gestiegen von 120 am 3. Mai auf 410,5 am 20. Mai; Rang von 14 auf 6',
    );
    assert.equal(payload.card?.description, payload.text);
  });

  it('says it in words alone where no picture can be drawn', async () => {
    await load();
    const { payload: pictured } = await drawn({ payload: { standing: STANDING } });
    await withoutPictures(async () => {
      const { output, payload } = await drawn({ payload: { standing: STANDING, card: 'of an earlier node' } });
      assert.equal(output, 1);
      assert.equal(payload.text, pictured.text);
      assert.equal('card' in payload, false);
    });
  });

  it('says so of a player without a rank', async () => {
    await load();
    const { entry, ...rest } = STANDING;
    const standing = { ...rest, entry: null, player: entry.player };
    const { output, payload } = await drawn({ payload: { standing } });
    assert.deepEqual([output, payload.text], [1, '山田 *太郎* 🔥 has no rank on All-time']);
  });

  for (const payload of [undefined, {}, { standing: { ...STANDING, entry: { rank: 'first' } } }]) {
    it(`tells Catch that there is nothing to draw in ${JSON.stringify(payload)?.slice(0, 20)}`, async () => {
      await load();
      const { actor } = await house.act();
      const caught = house.next('caught');
      house.red.getNode('draw').receive({ actor, payload });
      const { code, message } = (await caught).error as { code: string; message: string };
      assert.equal(code, 'nothing-to-draw');
      assert.match(message, /Put a board query/);
    });
  }

  it('answers a command in Discord with the picture, its description and its text, or with the text alone', async () => {
    const flow = [
      { id: 'ask', type: 'guildhall-slash-command', community: 'community', description: 'A test', command: 'card' },
      {
        ...{ id: 'draw', type: 'guildhall-rank-card', version: 1, wires: [['answer'], ['answer']] },
        ...{ standing: JSON.stringify(STANDING), standingType: 'jsonata' },
      },
      { id: 'answer', type: 'guildhall-reply', content: '{{payload.text}}', files: 'payload.card', wires: [[]] },
    ];
    await house.loadFlow([slashCommand, rankCard, reply], [{ ...flow[0], wires: [['draw']] }, ...flow.slice(1)]);
    await house.platform.flowsStarted('test');
    const { registration } = house.platform;
    await until('the command', async () =>
      registration.compare(house.sandbox.guildId)?.every(({ state }) => state === 'registered'),
    );
    const asked = async () => {
      const body = { as: 'ana', input: '/card', channel: 'general' };
      const { messages } = await house.control<Answered & { messages: Shown[] }>('command', body);
      return messages[0] as Shown;
    };

    const { content, attachments } = await asked();
    const [attached] = attachments;
    assert.match(content, /^山田 \\\*太郎\\\* 🔥 · Acme Ltd\n\\?#12 of 1.204 · ▲ 3/);
    assert.match(attached?.description ?? '', /^山田 \*太郎\* 🔥 is #12 of 1.204 on All-time, up 3 from #15/);
    const picture = Buffer.from(await (await fetch(attached?.url ?? '')).arrayBuffer());
    assert.equal((await imageOf(picture).metadata()).width, 900);

    await withoutPictures(async () => {
      const alone = await asked();
      assert.equal(alone.content, content);
      assert.deepEqual(alone.attachments, []);
    });
  });
});
