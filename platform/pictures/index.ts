import { createHash } from 'node:crypto';
import { type Log, limitBursts } from '../log.ts';
import { createFonts } from './fonts.ts';
import { type Libraries, loadLibraries } from './libraries.ts';
import { createSetter } from './line.ts';
import { typeset } from './typeset.ts';

/** Draws SVG as PNG. */
export interface Pictures {
  /**
   * @param svg a document of ours, with texts as `typeset` takes them
   * @returns the PNG, or null where pictures cannot be drawn on this machine or this one could not
   */
  draw(svg: string): Promise<Buffer | null>;
}

interface Options {
  log: Log;
  /** Loads what draws, once, when the first picture is asked for. */
  load?: () => Promise<Libraries>;
  /** How many bytes of drawn pictures are kept: some two hundred cards. */
  keep?: number;
}

type Render = (svg: string) => Promise<Buffer>;

const MOST_AT_ONCE = 2;
const KEEP_BYTES = 8 * 1024 * 1024;

/** Pictures that are asked for again are not drawn again, as long as there is room to keep them. */
export function createPictures({ log, load = loadLibraries, keep = KEEP_BYTES }: Options): Pictures {
  const kept = createShelf(keep);
  const underWay = new Map<string, Promise<Buffer | null>>();
  const inTurn = createTurns(MOST_AT_ONCE);
  const complain = limitBursts((reason, count) => log.warn({ reason, count }, 'a picture could not be drawn'));
  let renderer: Promise<Render | null> | undefined;

  const begin = async (): Promise<Render | null> => {
    try {
      const { harfBuzz, bidi, sharp } = await load();
      const setter = createSetter(createFonts(harfBuzz), bidi);
      return (svg) =>
        sharp(Buffer.from(typeset(svg, setter)))
          .png()
          .toBuffer();
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'pictures are not drawn on this machine: text stands in for them');
      return null;
    }
  };

  const render = async (svg: string, key: string): Promise<Buffer | null> => {
    renderer ??= begin();
    const draw = await renderer;
    if (!draw) return null;
    try {
      const picture = await inTurn(() => draw(svg));
      kept.put(key, picture);
      return picture;
    } catch (error) {
      complain((error as Error).message);
      return null;
    }
  };

  return {
    draw: async (svg) => {
      const key = createHash('sha256').update(svg).digest('base64');
      const known = kept.get(key) ?? underWay.get(key);
      if (known) return known;
      const drawing = render(svg, key).finally(() => underWay.delete(key));
      underWay.set(key, drawing);
      return drawing;
    },
  };
}

/** Keeps what was last asked for, up to a number of bytes. */
function createShelf(most: number) {
  const pictures = new Map<string, Buffer>();
  let bytes = 0;
  return {
    get(key: string): Buffer | undefined {
      const picture = pictures.get(key);
      if (!picture) return undefined;
      pictures.delete(key);
      pictures.set(key, picture);
      return picture;
    },
    put(key: string, picture: Buffer): void {
      pictures.set(key, picture);
      bytes += picture.length;
      for (const [oldest, { length }] of pictures) {
        if (bytes <= most) break;
        pictures.delete(oldest);
        bytes -= length;
      }
    },
  };
}

/** Runs so many tasks at once; the others wait for their turn. */
function createTurns(most: number) {
  const waiting: (() => void)[] = [];
  let free = most;
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
