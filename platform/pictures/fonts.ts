import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { HarfBuzz } from './libraries.ts';

interface FontFile {
  file: string;
  /** The bold one where there is one of its own; the others are bold already. */
  bold?: string;
  /** The characters that it is asked for. */
  holds: RegExp;
}

/** In the order in which they are asked. They come along, so that a picture is the same on every machine. */
const FONTS: readonly FontFile[] = [
  {
    file: 'inter-medium',
    bold: 'inter-bold',
    holds: /[\p{scx=Latin}\p{scx=Greek}\p{scx=Cyrillic}\p{Script=Common}\p{Script=Inherited}]/u,
  },
  { file: 'kana', holds: /[\u3000-\u30FF\uFF00-\uFFEF]/u },
  { file: 'han', holds: /\p{Script=Han}/u },
  { file: 'hangul', holds: /\p{Script=Hangul}/u },
  { file: 'arabic', holds: /\p{scx=Arabic}/u },
  { file: 'hebrew', holds: /\p{scx=Hebrew}/u },
  { file: 'devanagari', holds: /\p{scx=Devanagari}/u },
  { file: 'bengali', holds: /\p{scx=Bengali}/u },
  { file: 'thai', holds: /\p{scx=Thai}/u },
  { file: 'tamil', holds: /\p{scx=Tamil}/u },
  { file: 'telugu', holds: /\p{scx=Telugu}/u },
  { file: 'gujarati', holds: /\p{scx=Gujarati}/u },
  { file: 'gurmukhi', holds: /\p{scx=Gurmukhi}/u },
  { file: 'kannada', holds: /\p{scx=Kannada}/u },
  { file: 'malayalam', holds: /\p{scx=Malayalam}/u },
  { file: 'oriya', holds: /\p{scx=Oriya}/u },
  { file: 'sinhala', holds: /\p{scx=Sinhala}/u },
  { file: 'myanmar', holds: /\p{scx=Myanmar}/u },
  { file: 'khmer', holds: /\p{scx=Khmer}/u },
  { file: 'lao', holds: /\p{scx=Lao}/u },
  { file: 'georgian', holds: /\p{scx=Georgian}/u },
  { file: 'armenian', holds: /\p{scx=Armenian}/u },
  { file: 'ethiopic', holds: /\p{scx=Ethiopic}/u },
  { file: 'javanese', holds: /\p{scx=Javanese}/u },
  { file: 'thaana', holds: /\p{scx=Thaana}/u },
  { file: 'adlam', holds: /\p{scx=Adlam}/u },
  { file: 'signs', holds: /[\p{scx=Latin}\p{scx=Greek}\p{scx=Cyrillic}\p{Script=Common}]/u },
];

/** A font that is ready to set text. */
export interface Font {
  /** Units of the font in the height of a line. */
  unitsPerEm: number;
  /** @returns the glyphs from left to right, in units of the font */
  shape(text: string, rightToLeft: boolean): Glyph[];
  /** A glyph's outline as SVG draws it, in units of the font with y upwards; empty for a space. */
  outline(glyph: number): string;
}

/** The glyph that every font has for what it lacks: a box, mostly. */
export const MISSING = 0;

export interface Glyph {
  id: number;
  advance: number;
  x: number;
  y: number;
}

/** The fonts that a character may be found in, the best first. Each is read when it is first asked for. */
export type Fonts = (character: string, bold: boolean) => Iterable<Font>;

/** @param folder where the packed fonts lie */
export function createFonts(harfBuzz: HarfBuzz, folder: string = join(import.meta.dirname, 'fonts')): Fonts {
  const read = new Map<string, Font>();
  const fontOf = (file: string): Font => {
    const known = read.get(file) ?? readFont(harfBuzz, join(folder, `${file}.br`));
    read.set(file, known);
    return known;
  };
  return function* (character, bold) {
    for (const font of FONTS) {
      if (font.holds.test(character)) yield fontOf((bold && font.bold) || font.file);
    }
  };
}

function readFont(harfBuzz: HarfBuzz, path: string): Font {
  const face = new harfBuzz.Face(new harfBuzz.Blob(brotliDecompressSync(readFileSync(path))));
  const font = new harfBuzz.Font(face);
  const buffer = new harfBuzz.Buffer();
  const { LTR, RTL } = harfBuzz.Direction;
  return {
    unitsPerEm: face.upem,
    shape: (text, rightToLeft) => {
      buffer.reset();
      buffer.addText(text);
      buffer.guessSegmentProperties();
      buffer.setDirection(rightToLeft ? RTL : LTR);
      buffer.setFlags(harfBuzz.BufferFlag.DO_NOT_INSERT_DOTTED_CIRCLE);
      harfBuzz.shape(font, buffer);
      return buffer.getGlyphInfosAndPositions().map(({ codepoint, xAdvance = 0, xOffset = 0, yOffset = 0 }) => ({
        id: codepoint,
        advance: xAdvance,
        x: xOffset,
        y: yOffset,
      }));
    },
    outline: (glyph) => font.glyphToPath(glyph),
  };
}
