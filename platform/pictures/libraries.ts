/**
 * The packages that draw: they are optional, and loaded only when the first picture is asked for. What of them is used is
 * written down here, as TypeScript has to build where they are not installed.
 */
export interface Libraries {
  harfBuzz: HarfBuzz;
  bidi: Bidi;
  sharp: Sharp;
}

/** https://harfbuzz.github.io/harfbuzzjs: finds the glyphs of a text and their places. */
export interface HarfBuzz {
  Blob: new (data: Uint8Array) => object;
  Face: new (blob: object) => { readonly upem: number };
  Font: new (face: object) => { glyphToPath(glyph: number): string };
  Buffer: new () => {
    reset(): void;
    addText(text: string): void;
    setFlags(flags: number): void;
    guessSegmentProperties(): void;
    setDirection(direction: number): void;
    getGlyphInfosAndPositions(): {
      /** The glyph, whatever its name says. */
      codepoint: number;
      xAdvance?: number;
      xOffset?: number;
      yOffset?: number;
    }[];
  };
  BufferFlag: { DO_NOT_INSERT_DOTTED_CIRCLE: number };
  Direction: { LTR: number; RTL: number };
  shape(font: object, buffer: object): void;
}

/** https://github.com/lojjic/bidi-js: the Unicode Bidirectional Algorithm. */
export interface Bidi {
  getEmbeddingLevels(text: string): { levels: Uint8Array };
}

/** https://sharp.pixelplumbing.com: renders SVG by librsvg. */
export interface Sharp {
  (svg: Buffer): { png(): { toBuffer(): Promise<Buffer> } };
  cache(enabled: false): unknown;
  concurrency(threads: number): unknown;
}

/** TypeScript looks for no package whose name is not written in the import. */
const load = (name: string): Promise<unknown> => import(name);

/** @throws Error where one of the packages is not installed or does not run on this machine */
export async function loadLibraries(): Promise<Libraries> {
  const [harfBuzz, bidi, sharp] = (await Promise.all([load('harfbuzzjs'), load('bidi-js'), load('sharp')])) as [
    HarfBuzz,
    { default: () => Bidi },
    { default: Sharp },
  ];
  // Each picture is another one, and ours are cached already drawn.
  sharp.default.cache(false);
  sharp.default.concurrency(1);
  return { harfBuzz, bidi: bidi.default(), sharp: sharp.default };
}
