import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

/**
 * `node build/fonts.ts <folder>`: makes the fonts of `platform/pictures/fonts` anew from those that Debian ships, without
 * hinting and with no more characters than names need. Nothing else calls it: the fonts lie in the repository.
 * Debian's packages: fonts-inter, fonts-noto-core, fonts-noto-cjk, fonts-dejavu-core; `<folder>` is where they are
 * unpacked, `/` where they are installed.
 */
const TRUETYPE = 'usr/share/fonts/truetype';
const CJK = 'usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc';

interface Source {
  file: string;
  /** Which font of a collection. */
  index?: number;
  /** Its characters; all of them, unless told. */
  characters?: Iterable<number>;
  /** Its OpenType features; those that text needs by itself, unless told. */
  features?: readonly string[];
}

/** The order of fonts in Noto's collection. */
const JAPANESE = 0;
const KOREAN = 1;
const CHINESE = 2;
const LATIN_FEATURES = ['ccmp', 'kern', 'locl', 'mark', 'mkmk', 'tnum'];

const NOTO = [
  ...['Adlam', 'Arabic', 'Armenian', 'Bengali', 'Devanagari', 'Ethiopic', 'Georgian', 'Gujarati', 'Gurmukhi'],
  ...['Hebrew', 'Javanese', 'Kannada', 'Khmer', 'Lao', 'Malayalam', 'Myanmar', 'Oriya', 'Sinhala', 'Tamil', 'Telugu'],
  ...['Thaana', 'Thai'],
];

const SOURCES: Record<string, Source> = {
  'inter-medium': { file: 'usr/share/fonts/opentype/inter/Inter-Medium.otf', features: LATIN_FEATURES },
  'inter-bold': { file: 'usr/share/fonts/opentype/inter/Inter-Bold.otf', features: LATIN_FEATURES },
  ...Object.fromEntries(
    NOTO.map((script) => [script.toLowerCase(), { file: `${TRUETYPE}/noto/NotoSans${script}-Bold.ttf` }]),
  ),
  // What the basic standards of China (GB 2312), Japan (JIS X 0208) and Taiwan (Big5, level 1) hold, some 10,000.
  han: {
    file: CJK,
    index: CHINESE,
    features: [],
    characters: [
      ...charactersOf('gb18030', { rows: [0xb0, 0xf7], cells: [0xa1, 0xfe] }),
      ...charactersOf('euc-jp', { rows: [0xb0, 0xf4], cells: [0xa1, 0xfe] }),
      ...charactersOf('big5', { rows: [0xa4, 0xc6], cells: [0x40, 0xfe] }),
    ],
  },
  kana: { file: CJK, index: JAPANESE, features: [], characters: [...range(0x3000, 0x30ff), ...range(0xff00, 0xffef)] },
  hangul: { file: CJK, index: KOREAN, features: [], characters: [...range(0x3130, 0x318f), ...range(0xac00, 0xd7a3)] },
  // Phonetic letters, arrows, signs and ornaments, which people adorn their names with.
  signs: {
    file: `${TRUETYPE}/dejavu/DejaVuSans-Bold.ttf`,
    features: LATIN_FEATURES,
    characters: [
      ...range(0x180, 0x2ff),
      ...range(0x370, 0x3ff),
      ...range(0x400, 0x52f),
      ...range(0x1d00, 0x1dbf),
      ...range(0x2070, 0x2bff),
      ...range(0x2c60, 0x2c7f),
      ...range(0xa720, 0xa7ff),
    ],
  },
};

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

type Span = [first: number, last: number];

/** The Chinese characters in a part of an encoding: rows by the first of two bytes, cells by the second. */
function charactersOf(encoding: string, { rows, cells }: { rows: Span; cells: Span }): number[] {
  const decoder = new TextDecoder(encoding);
  return range(...rows).flatMap((row) =>
    range(...cells)
      .map((cell) => decoder.decode(Uint8Array.of(row, cell)))
      .filter((text) => /^\p{Script=Han}$/u.test(text))
      .map((text) => text.codePointAt(0) ?? 0),
  );
}

type HarfBuzz = Record<string, (...values: number[]) => number> & { memory: WebAssembly.Memory };
/** `hb_subset_sets_t` and `hb_subset_flags_t` in HarfBuzz's hb-subset.h. */
const LAYOUT_FEATURES = 6;
const NO_HINTING = 1;
const WRITABLE = 2;

/** HarfBuzz's subsetter, which comes as a bare WebAssembly module. */
function loadSubsetter(): HarfBuzz {
  const file = createRequire(import.meta.url).resolve('harfbuzzjs/dist/harfbuzz-subset.wasm');
  const module = new WebAssembly.Module(readFileSync(file));
  const imports: Record<string, Record<string, () => number>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] = { ...imports[from], [name]: () => 0 };
  }
  const harfBuzz = new WebAssembly.Instance(module, imports).exports as unknown as HarfBuzz;
  harfBuzz._initialize?.();
  return harfBuzz;
}

function subset(folder: string, { file, index = 0, characters, features }: Source): Buffer {
  const hb = loadSubsetter();
  const call = (name: string, ...values: number[]): number => {
    const result = hb[name]?.(...values);
    if (result === undefined && !name.includes('set_')) throw new Error(`${file}: ${name} failed`);
    return result ?? 0;
  };
  const font = readFileSync(join(folder, file));
  const place = call('malloc', font.length);
  new Uint8Array(hb.memory.buffer).set(font, place);
  const face = call('hb_face_create', call('hb_blob_create', place, font.length, WRITABLE, 0, 0), index);
  const input = call('hb_subset_input_create_or_fail');
  const wanted = call('hb_subset_input_unicode_set', input);
  if (characters) for (const character of characters) call('hb_set_add', wanted, character);
  else call('hb_set_invert', wanted);
  if (features) {
    const tags = call('hb_subset_input_set', input, LAYOUT_FEATURES);
    call('hb_set_clear', tags);
    for (const tag of features) call('hb_set_add', tags, Buffer.from(tag).readUInt32BE());
  }
  call('hb_subset_input_set_flags', input, NO_HINTING);
  const made = call('hb_face_reference_blob', call('hb_subset_or_fail', face, input));
  const start = call('hb_blob_get_data', made, 0);
  return Buffer.from(hb.memory.buffer.slice(start, start + call('hb_blob_get_length', made)));
}

const fonts = resolve(import.meta.dirname, '..', 'platform', 'pictures', 'fonts');
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Name the folder in which Debian’s font packages are unpacked.');
for (const [name, source] of Object.entries(SOURCES)) {
  const font = subset(folder, source);
  const packed = brotliCompressSync(font);
  writeFileSync(join(fonts, `${name}.br`), packed);
  console.log(`${name} ${font.length} ${packed.length}`);
}
