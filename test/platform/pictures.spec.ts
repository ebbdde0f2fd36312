import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createLog } from '../../platform/log.ts';
import { createFonts } from '../../platform/pictures/fonts.ts';
import { createPictures } from '../../platform/pictures/index.ts';
import { type Libraries, loadLibraries, type Sharp } from '../../platform/pictures/libraries.ts';
import { createSetter, type Line, type Setter } from '../../platform/pictures/line.ts';
import { typeset } from '../../platform/pictures/typeset.ts';
import { imageOf } from '../support/images.ts';

const log = createLog('silent');

/** Text → what of it is drawn. */
const DRAWN: Record<string, [string, string]> = {
  Latin: ['Æther Þór Żółć Ștefan Nguyễn', 'Æther Þór Żółć Ștefan Nguyễn'],
  Cyrillic: ['Дмитрий Щукин', 'Дмитрий Щукин'],
  Greek: ['Γιώργος', 'Γιώργος'],
  Arabic: ['محمد علي ١٢٣', 'محمد علي ١٢٣'],
  Hebrew: ['עִבְרִית', 'עִבְרִית'.normalize('NFC')],
  Devanagari: ['अभिषेक श्रीवास्तव', 'अभिषेक श्रीवास्तव'],
  Thai: ['ผู้เล่นที่ดี', 'ผู้เล่นที่ดี'],
  'scripts of India': ['তানভীর தமிழ் తెలుగు ಕನ್ನಡ', 'তানভীর தமிழ் తెలుగు ಕನ್ನಡ'.normalize('NFC')],
  Japanese: ['山田太郎 やまだ タロウ', '山田太郎 やまだ タロウ'],
  Chinese: ['王小明 龍 龙', '王小明 龍 龙'],
  Korean: ['김철수', '김철수'],
  'both directions': ['علي Ali (99)', 'علي Ali (99)'],
  'signs that adorn': ['꧁★ Kᴵᴺᴳ ★꧂ ᴀʟᴇx', '꧁★ Kᴵᴺᴳ ★꧂ ᴀʟᴇx'],
  'letters of mathematics': ['𝓐𝓵𝓮𝔁 𝔾𝕙𝕠𝕤𝕥', 'Alex Ghost'],
  'emoji beside letters': ['🔥 Ali 🔥 Baba 👩‍💻 🇩🇪', 'Ali Baba'],
  'a keycap': ['1️⃣', '1'],
  'piled marks': ['Z̸̡͓̓a̵͔͋l̶͇̈́g̷͍̏o̴̘͝', 'Zalgo'],
  'forced direction': ['\u202Eevil\u2066', 'evil'],
  'lone surrogates': ['\uD800lone\uDC00', 'lone'],
  'other people’s boxes': ['a\uFFFD\uE000\u0000b', 'ab'],
};

describe('pictures', () => {
  let libraries: Libraries;
  let setter: Setter;
  before(async () => {
    libraries = await loadLibraries();
    setter = createSetter(createFonts(libraries.harfBuzz), libraries.bidi);
  });

  const glyphsOf = (line: Line | null) => line?.runs.flatMap(({ glyphs }) => glyphs.map(({ id }) => id)) ?? [];
  const svg = (text: string, more = '') =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60"><rect width="300" height="60" fill="#222"/><text x="10" y="40" font-size="30" fill="#fff" ${more}>${text}</text></svg>`;

  for (const [what, [text, drawn]] of Object.entries(DRAWN)) {
    it(`have glyphs for ${what}`, () => {
      const line = setter.set(text, true);
      assert.equal(line?.text, drawn);
      assert.equal(glyphsOf(line).includes(0), false);
    });
  }

  it('never show the box of a missing glyph, whatever the text', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(anything, fc.boolean(), (text, bold) => {
        const line = setter.set(text, bold);
        assert.equal(glyphsOf(line).includes(0), false);
        assert.ok(line === null || line.width > 0);
      }),
      { numRuns: 300 },
    );
  });

  it('set nothing where nothing can be seen', () => {
    for (const text of ['', ' ', '👍🔥', '𒀀𒁀', '\u3164\u2800', '\u200B'])
      assert.equal(setter.set(text, false), null, text);
  });

  it('order what is read from right to left', () => {
    const firstGlyph = (text: string) => setter.set(text, false)?.runs[0]?.glyphs[0]?.id;
    assert.equal(firstGlyph('אב'), setter.set('ב', false)?.runs[0]?.glyphs[0]?.id);
    // The number stands left of the name that it follows.
    assert.equal(firstGlyph('אב 7'), setter.set('7', false)?.runs[0]?.glyphs[0]?.id);
  });

  it('cut text to a width between characters as people see them', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
        fc.integer({ min: 3, max: 20 }),
        (text, width) => {
          const line = setter.cut(text, true, width);
          assert.ok((line?.width ?? 0) <= width);
        },
      ),
      { numRuns: 100 },
    );
    assert.equal(setter.cut('Wolfeschlegelsteinhausen', false, 5)?.text, 'Wolfesc…');
    assert.equal(setter.cut('अभिषेक श्रीवास्तव', false, 4)?.text.endsWith('…'), true);
  });

  it('draw texts as outlines in the space that they have, or what stands in for them', () => {
    const widthOf = (drawn: string) =>
      Math.max(...[...drawn.matchAll(/matrix\((?:\S+ ){4}(\S+) /g)].map(([, x]) => Number(x)));
    assert.equal(typeset(svg('Ada'), setter).includes('<text'), false);
    const long = 'Wolfeschlegelsteinhausenbergerdorff';
    assert.ok(widthOf(typeset(svg(long), setter)) > 310);
    assert.ok(widthOf(typeset(svg(long, 'data-width="200" data-least="20"'), setter)) < 210);
    assert.equal(typeset(svg('🔥', 'data-else="Player 17"'), setter), typeset(svg('Player 17'), setter));
    assert.equal(typeset(svg('&lt;b&gt; &amp;amp;'), setter).match(/<path/g)?.length, '<b>&amp;'.length);
  });

  it('are PNG of the size asked for, with something on it', async () => {
    const png = await createPictures({ log }).draw(svg('Ada'));
    const picture = imageOf(png);
    const { format, width, height } = await picture.metadata();
    assert.deepEqual([format, width, height], ['png', 300, 60]);
    const [red] = (await picture.stats()).channels;
    assert.deepEqual([red?.min, red?.max], [0x22, 0xff]);
  });

  /** What draws, and how often and how many at once it was asked to. */
  const counting = () => {
    const counts = { drawn: 0, now: 0, most: 0 };
    const load = async (): Promise<Libraries> => {
      const counted = (svg: Buffer) => ({
        png: () => ({
          toBuffer: async () => {
            counts.drawn += 1;
            counts.now += 1;
            counts.most = Math.max(counts.most, counts.now);
            const picture = await libraries.sharp(svg).png().toBuffer();
            counts.now -= 1;
            return picture;
          },
        }),
      });
      return { ...libraries, sharp: counted as Sharp };
    };
    return { counts, load };
  };

  it('are drawn once, also when they are asked for at once, and two at a time', async () => {
    const { counts, load } = counting();
    const pictures = createPictures({ log, load });
    const [one, same] = await Promise.all([pictures.draw(svg('Ada')), pictures.draw(svg('Ada'))]);
    assert.equal(await pictures.draw(svg('Ada')), one);
    assert.equal(same, one);
    assert.equal(counts.drawn, 1);
    await Promise.all(Array.from({ length: 8 }, (_, index) => pictures.draw(svg(`Ada ${index}`))));
    assert.deepEqual([counts.drawn, counts.most], [9, 2]);
  });

  it('are kept only as far as there is room, what was not asked for goes first', async () => {
    const { counts, load } = counting();
    const size = (await createPictures({ log }).draw(svg('A')))?.length ?? 0;
    const pictures = createPictures({ log, load, keep: 2 * size + 200 });
    for (const name of ['A', 'B', 'A', 'C', 'A']) await pictures.draw(svg(name));
    assert.equal(counts.drawn, 3);
    await pictures.draw(svg('B'));
    assert.equal(counts.drawn, 4);
  });

  it('are null where the packages that draw are missing, which is looked up and said once', async () => {
    const lines: string[] = [];
    let looked = 0;
    const pictures = createPictures({
      log: Object.assign(createLog('silent'), { warn: (_details: object, line: string) => lines.push(line) }),
      load: () => {
        looked += 1;
        return import('sharp-that-nobody-installed' as string);
      },
    });
    assert.deepEqual(await Promise.all([pictures.draw(svg('A')), pictures.draw(svg('B'))]), [null, null]);
    assert.equal(await pictures.draw(svg('A')), null);
    assert.deepEqual([looked, lines.length], [1, 1]);
  });

  it('are null where one cannot be drawn, and the next one is', async () => {
    const pictures = createPictures({ log });
    assert.equal(await pictures.draw('<svg xmlns="http://www.w3.org/2000/svg"><text>'), null);
    assert.notEqual(await pictures.draw(svg('Ada')), null);
  });
});
