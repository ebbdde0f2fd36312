import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BoardEntry } from '../../core/boards/entry.ts';
import { type HistoryPoint, historyAltText, historyChart } from '../../core/boards/pictures/history-chart.ts';
import { altTextOf, type RankCard, rankCard, textOf } from '../../core/boards/pictures/rank-card.ts';
import { createPictures } from '../../platform/pictures/index.ts';
import { silent } from '../support/database.ts';
import { imageOf } from '../support/images.ts';

const DAY = 86_400_000;
const MAY = Date.UTC(2026, 4, 3, 12);

const entry = (more: Partial<BoardEntry> = {}): BoardEntry => ({
  ...{ rank: 12, previous_rank: 15, delta: 3, score: 4210, tier: 'Elite' },
  player: { id: 'player:17', name: 'Marisol Figueroa', region: 'Europe', company: 'Acme Ltd' },
  ...more,
});
const card = (more: Partial<RankCard> = {}): RankCard => ({
  ...{ board: 'All-time', total: 1204, entry: entry(), toNext: 90 },
  metrics: [
    { name: 'deals_closed', value: 38 },
    { name: 'response_rate', value: 87.5 },
  ],
  ...more,
});
const named = (name: string, more: Partial<RankCard> = {}) =>
  card({ ...more, entry: entry({ player: { ...entry().player, name } }) });

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** What stands in an SVG's texts. */
const textsIn = (svg: string): string[] =>
  [...svg.matchAll(/<text\b[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
    text.replace(/&(\w+);/g, (_all, name: string) => ENTITIES[name] ?? ''),
  );
const sizeOf = async (svg: string): Promise<number[]> => {
  const { width, height } = await imageOf(svg).metadata();
  return [width, height];
};

/** How much of a rank's colour lies over the ground of its card, at the most. */
const GLOW = 0.2;
const partsOf = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
const mixed = (ground: string, light: string, part: number) => {
  const over = partsOf(light);
  const parts = partsOf(ground).map((below, index) => Math.round(below * (1 - part) + (over[index] ?? 0) * part));
  return `#${Buffer.from(parts).toString('hex')}`;
};

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const parts = partsOf(colour).map((part) => part / 255);
    const [r = 0, g = 0, b = 0] = parts.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('the rank card', () => {
  it('holds every figure as text, in one sentence and in a few lines too', () => {
    const texts = textsIn(rankCard(card()));
    for (const text of [
      'Marisol Figueroa',
      '#12',
      'of 1,204',
      '▲ 3',
      'Elite',
      '4,210',
      'Deals closed',
      '38',
      '87.5',
      '90',
      'MF',
    ]) {
      assert.ok(texts.includes(text), text);
    }
    assert.equal(
      altTextOf(card()),
      'Marisol Figueroa is #12 of 1,204 on All-time, up 3 from #15, tier Elite, with a score of 4,210; ' +
        'Deals closed 38, Response rate 87.5, 90 to the next rank',
    );
    assert.equal(
      textOf(card()),
      'Marisol Figueroa · Acme Ltd · Europe\n#12 of 1,204 · ▲ 3 · All-time\nScore 4,210 · Elite\n' +
        'Deals closed 38 · Response rate 87.5\n90 to the next rank',
    );
  });

  it('speaks German to Germans, and writes numbers as others do', () => {
    assert.equal(
      altTextOf(card({ locale: 'de' })),
      'Marisol Figueroa ist #12 von 1.204 auf All-time, 3 hoch von #15, Stufe Elite, mit 4.210 Punkten; ' +
        'Deals closed 38, Response rate 87,5, noch 90 bis zum nächsten Rang',
    );
    assert.ok(textsIn(rankCard(card({ locale: 'fr' }))).includes('87,5'));
    assert.ok(textsIn(rankCard(card({ locale: 'no such language' }))).includes('87.5'));
  });

  const MOVES: [Partial<BoardEntry>, string, string][] = [
    [{ previous_rank: 11, delta: -1 }, '▼ 1', 'down 1 from #11'],
    [{ previous_rank: 12, delta: 0 }, '– unchanged', 'as before'],
    [{ previous_rank: null, delta: 0 }, 'new', 'new on the board'],
    [{ previous_rank: 40, delta: 2 }, '▲ 2', 'up 2,'],
  ];
  for (const [move, mark, words] of MOVES) {
    it(`says “${words}” by a sign and in words, not by a colour`, () => {
      const moved = card({ entry: entry(move) });
      assert.ok(textsIn(rankCard(moved)).includes(mark));
      assert.ok(altTextOf(moved).includes(words));
    });
  }

  it('leaves out what is not known', () => {
    const bare = card({ entry: entry({ tier: null }), metrics: [], toNext: undefined });
    assert.equal(
      textsIn(rankCard(bare)).some((text) => /undefined|null|NaN/.test(text)),
      false,
    );
    assert.equal(altTextOf(bare), 'Marisol Figueroa is #12 of 1,204 on All-time, up 3 from #15, with a score of 4,210');
    assert.equal(rankCard(bare).includes('rx="3.5'), false, 'no bar');
  });

  it('shows the player’s id where the name cannot be drawn', () => {
    assert.ok(rankCard(named('🔥')).includes('data-else="Player 17"'));
    assert.ok(rankCard(named('🔥', { locale: 'de' })).includes('data-else="Spieler 17"'));
    assert.ok(textsIn(rankCard(named('\u200B '))).includes('Player 17'));
  });

  it('draws hostile names as text', async () => {
    const name = '</text><script>alert("x")</script>&amp;\u0000\uFFFE';
    const svg = rankCard(named(name));
    assert.deepEqual(await sizeOf(svg), [900, 260]);
    assert.equal(svg.includes('<script'), false);
    assert.ok(textsIn(svg).includes('</text><script>alert("x")</script>&amp;'));
  });

  it('is XML whatever people are called', async () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    const number = fc.double({ noDefaultInfinity: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(anything, anything, anything, number, async (name, board, tier, score) => {
        const player = { id: name, name, region: board, company: tier };
        const hostile = card({ board, metrics: [{ name: tier, value: score }], entry: entry({ tier, score, player }) });
        assert.deepEqual(await sizeOf(rankCard(hostile)), [900, 260]);
        assert.ok(!/[\n\r]/.test(altTextOf(hostile)));
      }),
      { numRuns: 200 },
    );
  });

  it('can be read by everybody: each text has a contrast of 4.5', () => {
    for (const rank of [1, 2, 3, 9, 50, 5000]) {
      const svg = rankCard(card({ entry: entry({ rank }) }));
      const [, ground = ''] = /<rect[^>]*fill="(#\w{6})"/.exec(svg) ?? [];
      const [, deep = ''] = /offset="1" stop-color="(#\w{6})"/.exec(svg) ?? [];
      for (const [, fill = '', text] of svg.matchAll(/<text[^>]*fill="(#\w{6})"[^>]*>([^<]*)/g)) {
        const behind = text === 'MF' ? deep : mixed(ground, deep, GLOW);
        assert.ok(contrast(fill, behind) >= 4.5, `${text}: ${fill} on ${behind}`);
      }
    }
  });

  it('becomes a picture', async () => {
    const png = await createPictures({ log: silent }).draw(rankCard(card()));
    const { width, height } = await imageOf(png).metadata();
    assert.deepEqual([width, height], [900, 260]);
    assert.ok((await imageOf(png).stats()).entropy > 1);
  });
});

describe('the history chart', () => {
  const points = (scores: number[], ranks: (number | null)[] = []): HistoryPoint[] =>
    scores.map((score, index) => ({ at: new Date(MAY + index * DAY), score, rank: ranks[index] ?? null }));
  const chart = (given: HistoryPoint[], more: object = {}) => ({
    title: 'Ada',
    points: given,
    timeZone: 'UTC',
    locale: 'en-GB',
    ...more,
  });

  it('says how score and rank went, in any order of the points', () => {
    const given = points([120, 90, 410], [14, 15, 6]).reverse();
    assert.equal(
      historyAltText(chart(given)),
      'Ada: score rose from 120 on 3 May to 410 on 5 May, between 90 and 410; rank from 14 to 6',
    );
    assert.equal(
      historyAltText(chart(given, { locale: 'de' })),
      'Ada: Punkte gestiegen von 120 am 3. Mai auf 410 am 5. Mai, zwischen 90 und 410; Rang von 14 auf 6',
    );
    // Where there are no words of a language, its dates stay out of the sentence, too.
    assert.equal(
      historyAltText(chart(given, { locale: 'pt-BR' })),
      'Ada: score rose from 120 on May 3 to 410 on May 5, between 90 and 410; rank from 14 to 6',
    );
    assert.ok(textsIn(historyChart(chart(given, { locale: 'pt-BR' }))).includes('3 de mai.'));
    const texts = textsIn(historyChart(chart(given)));
    for (const text of ['90', '410', '#6', '#15', '3 May', '5 May']) assert.ok(texts.includes(text), text);
  });

  it('has the best rank on top', () => {
    const svg = historyChart(chart(points([1, 2], [9, 3])));
    const y = (text: string) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${text}<`).exec(svg)?.[1]);
    assert.ok(y('#3') < y('#9'));
    assert.ok(y('2') < y('1'));
  });

  it('holds a score until the next one', () => {
    const svg = historyChart(chart(points([1, 1, 5], [3, 2, 1])));
    assert.match(svg, /d="M104 176H436 ?V176H768 ?V88" fill="none"/);
  });

  it('breaks the line where points are missing', () => {
    const given = points([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const dashes = (some: HistoryPoint[]) => historyChart(chart(some)).split('stroke-dasharray').length - 1;
    assert.equal(dashes(given), 0);
    assert.equal(dashes(given.filter((_, index) => index < 3 || index > 7)), 1);
  });

  const FEW: [string, HistoryPoint[], string][] = [
    ['no point', [], 'Ada: there is no history yet'],
    ['one point', points([7], [3]), 'Ada: score 7 on 3 May; rank 3'],
    ['a level', points([7, 7, 7]), 'Ada: score stayed at 7 from 3 May to 5 May'],
    ['a day', points([7, 8]), 'Ada: score rose from 7 on 3 May at 12:00 to 8 on 4 May at 12:00'],
    ['nothing but bad points', [{ at: new Date(Number.NaN), score: 1, rank: 1 }], 'Ada: there is no history yet'],
    ['no finite score', [{ at: new Date(MAY), score: Number.NaN, rank: 1 }], 'Ada: there is no history yet'],
  ];
  for (const [what, given, sentence] of FEW) {
    it(`draws ${what}`, async () => {
      assert.equal(historyAltText(chart(given)), sentence);
      const svg = historyChart(chart(given));
      assert.deepEqual(await sizeOf(svg), [800, 300]);
      assert.equal(/NaN|Infinity|undefined/.test(svg), false);
    });
  }

  it('shows each highest and lowest of a year of hours, in few points', () => {
    const hours = Array.from({ length: 8760 }, (_, hour) => ({
      ...{ at: new Date(MAY + (hour * DAY) / 24), score: hour === 5000 ? 99_999 : hour % 7, rank: null },
    }));
    const svg = historyChart(chart(hours));
    assert.ok(textsIn(svg).includes('99,999'));
    assert.ok(svg.length < 60_000, `${svg.length}`);
  });

  it('takes the time zone that it is given, and its own for one that there is not', () => {
    const late = [{ at: new Date('2026-05-03T23:30:00Z'), score: 1, rank: null }];
    assert.match(historyAltText(chart(late, { timeZone: 'Europe/Berlin' })), /4 May/);
    assert.match(historyAltText(chart(late, { timeZone: 'Mars/Base' })), /\d May/);
  });

  it('is XML whatever it is called and whatever its numbers are', async () => {
    const number = fc.double({ noDefaultInfinity: true, noNaN: true });
    const point = fc.record({ at: fc.date(), score: number, rank: fc.option(fc.integer({ min: 1 })) });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.array(point), async (title, given) => {
        const svg = historyChart(chart(given, { title }));
        assert.deepEqual(await sizeOf(svg), [800, 300]);
        assert.equal(/NaN|Infinity/.test(svg.replace(/<text.*?<\/text>|aria-label="[^"]*"/gs, '')), false);
      }),
      { numRuns: 200 },
    );
  });
});
