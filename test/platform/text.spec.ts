import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fitChoices, fitMessage, fitModal, LIMITS, UnfitMessageError } from '../../platform/discord/limits.ts';
import { cleanText, escapeLine, escapeText, fitText, NOTHING, plainNumber } from '../../platform/discord/text.ts';

/** Any UTF-16 units, lone surrogates too, with what is dangerous to Discord more often than chance would have it. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'*_~`|[]()<>#-+@:/\\!&.1 \n\t',
        ...['<@123>', '<#1>', '@everyone', '@here', '<t:1:R>', '<a:x:1>', 'https://x.y', '- ', '1. ', '-# ', '```'],
        ...['\u202E', '\u2066', '\u2068', '\u2069', '\u200B', '\u200D', '\u200C', '\uFE0F', '\u0301', '\u0489'],
        ...[
          'א',
          'ي',
          'क',
          '्',
          '👩',
          '👍🏽',
          '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
          '\u{E0041}',
          '\uD800',
          '\uDC00',
          '\u0600',
          '\u17B4',
          '\u3164',
          '\u0958',
          'discord.gg/x',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

/** What a reader of Discord sees: a backslash before any sign but letters, digits and spaces disappears. */
const shown = (escaped: string) => escaped.replace(/\\([^0-9A-Za-z\s])/g, '$1').replaceAll('@\u200B', '@');

/** The text with each escaped sign taken out. */
const unescapedRest = (escaped: string) => escaped.replace(/\\[^0-9A-Za-z\s]/g, '\uE000');

const PINGS = /<@[!&]?\d+>|@everyone|@here|<#\d+>|<a?:\w+:\d+>|<t:-?\d+/;
const HIDDEN = /[\u202A-\u202E\u2066\u2067\u200E\u200F\u061C\u00AD\uFEFF]/;

function openAtEnd(text: string): number {
  return (text.split('\n').at(-1) ?? '').replace(/[^\u2068\u2069]/g, '').replaceAll('\u2068\u2069', '').length;
}

describe('text for Discord', () => {
  describe('escaping', () => {
    const cases: Record<string, [string, string]> = {
      formatting: ['*a* _b_ ~~c~~ `d` ||e||', '\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\`d\\` \\|\\|e\\|\\|'],
      'a masked link': ['[click](https://evil.example)', '\\[click\\](https\\://evil.example)'],
      'a link': ['see http://a.b, discord.gg/x', 'see http\\://a.b, discord\\.gg/x'],
      mentions: ['<@1> <@!1> <@&1> <#1> </a:1>', '\\<\\@1> \\<\\@!1> \\<\\@&1> \\<\\#1> \\<\\/a:1>'],
      everyone: ['@everyone @here', '@\u200Beveryone @\u200Bhere'],
      'emoji and times': ['<:a:1> <a:b:2> <t:1:R>', '\\<\\:a:1> \\<a\\:b:2> \\<t\\:1:R>'],
      'starts of lines': ['# a\n> b\n  - c\n1. d\n-# e\n12) f', '\\# a\n\\> b\n  \\- c\n1\\. d\n\\-# e\n12\\) f'],
      'signs inside a line': ['a - b > c #1 1.5 -5 (x)', 'a - b > c #1 1.5 -5 (x)'],
      backslashes: ['\\*', '\\\\\\*'],
      'text in another direction': ['abc\nשלום *x*', 'abc\n\u2068שלום \\*x\\*\u2069'],
      'controls of direction': ['\u202Egpj.exe\u2066', 'gpj.exe'],
      'stacked marks': [`a${'\u0301'.repeat(50)}b`, 'á\u0301\u0301\u0301b'],
      'invisible characters': ['a\u200Bb\u00ADc\u0007d\u2060', 'abcd'],
      'lone surrogates': ['a\uD800b', 'a\uFFFDb'],
      'many empty lines': ['a\r\n\r\n\r\n\r\nb', 'a\n\nb'],
    };
    for (const [what, [text, expected]] of Object.entries(cases)) {
      it(`makes ${what} harmless`, () => assert.equal(escapeText(text), expected));
    }

    it('keeps emoji and scripts whole', () => {
      for (const text of [
        '👩‍👩‍👧‍👦',
        '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
        '1️⃣',
        '🏳️‍🌈',
        '👍🏽',
        '🇩🇪',
        'क्‍ष',
        'ไทยนี้',
        'Tiếng Việt',
        '日本語',
        'ང་ཚོ',
        '葛󠄀',
      ]) {
        assert.equal(escapeText(text), text);
      }
      assert.equal(escapeText('می‌خواهم'), '\u2068می‌خواهم\u2069');
    });

    it('puts something in place of nothing', () => {
      for (const text of ['', '  \n', '\u200B', '\u3164', '\u2800', '\u0301', '\u202E']) {
        assert.equal(escapeText(text), NOTHING);
        assert.equal(cleanText(text, 'nobody'), 'nobody');
      }
      assert.equal(escapeLine(' a\n# b\n'), 'a # b');
    });

    it('holds for any text', () => {
      fc.assert(
        fc.property(hostile, (text) => {
          const escaped = escapeText(text);
          assert.ok(escaped.isWellFormed());
          assert.doesNotMatch(escaped, PINGS);
          assert.doesNotMatch(escaped, HIDDEN);
          const rest = unescapedRest(escaped);
          assert.doesNotMatch(rest, /[\\*_~`|[\]<]|:\/\//);
          assert.doesNotMatch(rest, /^[\u2068\s]*(?:>|#[# ]|[-+][# ]|\d+[.)]\s)/m);
          assert.doesNotMatch(escaped, /\p{M}{9}/u);
          assert.equal(shown(escaped), cleanText(text));
          assert.equal(openAtEnd(escaped), 0);
        }),
        { numRuns: 1000 },
      );
    });

    it('cleans once and for all, and keeps every visible letter', () => {
      // Without marks, as those are thinned out.
      const letters = (text: string) =>
        text
          .toWellFormed()
          .normalize('NFD')
          .match(/[[\p{L}\p{N}]--\p{DI}]/gv) ?? [];
      fc.assert(
        fc.property(hostile, (text) => {
          const clean = cleanText(text, '');
          assert.equal(cleanText(clean, ''), clean);
          assert.equal(clean.normalize('NFC'), clean);
          assert.deepEqual(letters(clean), letters(text));
        }),
        { numRuns: 1000 },
      );
    });
  });

  describe('cutting', () => {
    it('ends at a whole character', () => {
      assert.equal(fitText('abcdef', 6), 'abcdef');
      assert.equal(fitText('abcdefg', 6), 'abcde…');
      assert.equal(fitText('abc defg', 5), 'abc…');
      assert.equal(fitText('ab👩‍👩‍👧‍👦cd', 6), 'ab…');
      assert.equal(fitText('🇩🇪🇫🇷🇮🇹', 6), '🇩🇪…');
      assert.equal(fitText('a\\*b', 3), 'a…');
      assert.equal(fitText('a\\\\bc', 4), 'a\\\\…');
      assert.equal(fitText('\u2068שלום עולם\u2069', 6), '\u2068שלו\u2069…');
      assert.equal(fitText('abc', 0), '');
    });

    it('holds for any text and limit', () => {
      fc.assert(
        fc.property(hostile, fc.integer({ min: 1, max: 60 }), fc.boolean(), (text, limit, raw) => {
          const whole = raw ? text.toWellFormed() : escapeText(text);
          const cut = fitText(raw ? text : whole, limit);
          assert.ok(cut.length <= limit && cut.isWellFormed());
          assert.equal(fitText(cut, limit), cut);
          if (whole.length <= limit) return assert.equal(cut, whole);
          assert.ok(cut.endsWith('…'));
          const kept = cut.slice(0, -1).replace(/\u2069*$/, '');
          assert.ok(whole.startsWith(kept));
          assert.equal((/\\*$/.exec(raw ? cut.slice(0, -1) : kept)?.[0].length ?? 0) % 2, 0);
          if (raw) return;
          assert.equal(openAtEnd(cut), 0);
          assert.doesNotMatch(cut, PINGS);
          const boundaries = [...new Intl.Segmenter('en').segment(whole)].map(({ index }) => index);
          // A few Arabic signs join what follows, even a backslash or a space, which never end a cut text.
          assert.ok(boundaries.includes(kept.length) || /[\\\s]/.test(whole[kept.length] ?? ''));
        }),
        { numRuns: 1000 },
      );
    });
  });

  it('writes numbers for people', () => {
    assert.equal(plainNumber(1234567.891), '1,234,567.89');
    assert.equal(plainNumber(1234567, 'de'), '1.234.567');
    assert.equal(plainNumber(-0.001), '0');
    assert.equal(plainNumber(10n ** 21n), '1,000,000,000,000,000,000,000');
    assert.equal(plainNumber(1e21).includes('e'), false);
    assert.equal(plainNumber(Number.NaN), NOTHING);
    assert.equal(plainNumber(5, 'no such locale'), '5');
  });
});

describe("Discord's limits", () => {
  const text = (length: number) => fc.string({ unit: 'binary', maxLength: length });
  const embed = fc.record(
    {
      title: text(300),
      description: fc.oneof(
        text(300),
        fc.integer({ min: 0, max: 6000 }).map((length) => 'é'.repeat(length)),
      ),
      color: fc.nat(),
      footer: fc.record({ text: text(2100) }),
      author: fc.record({ name: text(300) }),
      fields: fc.array(fc.record({ name: text(300), value: text(1100) }), { maxLength: 30 }),
    },
    { requiredKeys: [] },
  );

  interface Embed {
    title?: string;
    description?: string;
    footer?: { text?: string };
    author?: { name?: string };
    fields?: { name: string; value: string }[];
  }

  function lengths(embeds: Embed[]): number[] {
    return embeds.flatMap(({ title = '', description = '', footer, author, fields = [] }) => {
      const texts = [title, description, footer?.text ?? '', author?.name ?? ''];
      return [...texts, ...fields.flatMap(({ name, value }) => [name, value])].map(({ length }) => length);
    });
  }

  it('are kept by any message', () => {
    fc.assert(
      fc.property(fc.array(embed, { maxLength: 12 }), text(2500), (embeds, content) => {
        const before = JSON.stringify(embeds);
        const fitted = fitMessage({ content, embeds });
        assert.equal(JSON.stringify(embeds), before);
        assert.ok(fitted.content.length <= LIMITS.content);
        assert.ok(fitted.embeds.length <= LIMITS.embeds);
        assert.ok(lengths(fitted.embeds).reduce((total, length) => total + length, 0) <= LIMITS.embedTotal);
        for (const { title = '', description = '', footer, author, fields = [] } of fitted.embeds) {
          assert.ok(title.length <= 256 && description.length <= 4096 && fields.length <= 25);
          assert.ok((footer?.text.length ?? 0) <= 2048 && (author?.name.length ?? 0) <= 256);
          for (const { name, value } of fields) {
            assert.ok(name.length > 0 && name.length <= 256 && value.trim().length > 0 && value.length <= 1024);
          }
        }
        assert.deepEqual(fitMessage(fitted), fitted);
      }),
      { numRuns: 60 },
    );
  });

  it('shorten the longest text first', () => {
    const fields = ['a', 'b', 'c'].map((letter) => ({ name: letter, value: letter.repeat(900) }));
    const { embeds } = fitMessage({ embeds: [{ title: 'Title', description: 'd'.repeat(4096), fields }] });
    assert.deepEqual(embeds[0]?.fields, fields);
    assert.equal(embeds[0]?.description.length, 6000 - 5 - 3 * 901);
    const names = Array.from({ length: 25 }, (_, index) => ({
      name: `${index}`.padEnd(256, 'n'),
      value: 'v'.repeat(1024),
    }));
    const crowded = fitMessage({ embeds: Array.from({ length: 10 }, () => ({ fields: names })) });
    assert.ok(crowded.embeds.every((one) => one.fields.length === 25));
  });

  it('leave out what is empty', () => {
    const { embeds } = fitMessage({
      embeds: [
        { color: 1, title: ' ', footer: { text: '' } },
        {
          title: 'x',
          author: { name: '' },
          fields: [
            { name: 'a', value: ' ' },
            { name: '', value: 'b' },
          ],
        },
        { image: { url: 'https://example.org/a.png' } },
      ],
    });
    assert.deepEqual(embeds, [
      { title: 'x', fields: [{ name: '\u200B', value: 'b' }] },
      { image: { url: 'https://example.org/a.png' } },
    ]);
  });

  it('cut labels and refuse what cannot be cut', () => {
    const button = (customId: string, label = 'x'.repeat(100)) => ({ type: 2, style: 1, label, custom_id: customId });
    const row = (...components: object[]) => ({ type: 1, components });
    const labelled = fitMessage({ components: [row(button('a'), button('b', ''))] });
    assert.deepEqual(labelled.components, [row(button('a', `${'x'.repeat(79)}…`), button('b', NOTHING))]);
    const option = (value: string) => ({ label: 'l'.repeat(101), value, description: '' });
    const select = {
      type: 3,
      custom_id: 's',
      placeholder: 'p'.repeat(200),
      max_values: 30,
      options: Array.from({ length: 30 }, (_, index) => option(`${index}`)),
    };
    const [first] = fitMessage({ components: [row(select)] }).components as { components: (typeof select)[] }[];
    assert.equal(first?.components[0]?.options.length, 25);
    assert.equal(first?.components[0]?.max_values, 25);
    assert.equal(first?.components[0]?.placeholder.length, 150);
    assert.equal(first?.components[0]?.options[0]?.label.length, 100);

    const refused: [string, object[]][] = [
      ['custom_id', [row(button('x'.repeat(101)))]],
      ['custom_id', [row(button(''))]],
      ['duplicate', [row(button('a')), row(button('a'))]],
      ['duplicate', [row({ ...select, options: [option('1'), option('1')] })]],
      ['option_value', [row({ ...select, options: [option('1'.repeat(101))] })]],
      ['url', [row({ type: 2, style: 5, label: 'x', url: `https://example.org/${'x'.repeat(512)}` })]],
      ['too_many', [row(...Array.from({ length: 6 }, (_, index) => button(`${index}`)))]],
      ['too_many', Array.from({ length: 6 }, (_, index) => row(button(`${index}`)))],
    ];
    for (const [code, components] of refused) {
      assert.throws(
        () => fitMessage({ components }),
        (error) => error instanceof UnfitMessageError && error.code === code,
      );
    }
  });

  it('hold for newer components, modals and suggestions', () => {
    const display = (length: number) => ({ type: 10, content: 't'.repeat(length) });
    const container = {
      type: 17,
      components: [
        display(3000),
        { type: 9, components: [display(2000)], accessory: { type: 11, media: {}, description: 'd'.repeat(500) } },
      ],
    };
    const { components } = fitMessage({ flags: 1 << 15, components: [container] });
    const total =
      JSON.stringify(components)
        .match(/t+/g)
        ?.filter((found) => found.length > 10)
        .join('').length ?? 0;
    assert.equal(total, 1999 + 2000);
    assert.match(JSON.stringify(components), /d{500}/);

    const input = { type: 4, custom_id: 'reason', label: 'l'.repeat(60), placeholder: 'p'.repeat(150), value: 'v' };
    const modal = fitModal({ custom_id: 'm', title: 't'.repeat(60), components: [{ type: 1, components: [input] }] });
    assert.equal(modal.title.length, 45);
    assert.equal(modal.components[0]?.components[0]?.label.length, 45);
    assert.equal(modal.components[0]?.components[0]?.placeholder.length, 100);
    assert.throws(() => fitModal({ custom_id: '', title: 'x' }), UnfitMessageError);

    const choices = fitChoices([
      { name: '', value: 1 },
      { name: 'n'.repeat(200), value: 'a' },
      { name: 'x', value: 'v'.repeat(101) },
    ]);
    assert.deepEqual(choices, [
      { name: NOTHING, value: 1 },
      { name: `${'n'.repeat(99)}…`, value: 'a' },
    ]);
    assert.equal(fitChoices(Array.from({ length: 30 }, (_, value) => ({ name: 'x', value }))).length, 25);
  });
});
