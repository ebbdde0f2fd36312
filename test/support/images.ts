import { createRequire } from 'node:module';

/** What of sharp is used here to look at pictures. TypeScript builds where it is not installed. */
interface Image {
  metadata(): Promise<{ format: string; width: number; height: number }>;
  stats(): Promise<{ channels: { min: number; max: number }[]; entropy: number }>;
}

/** Reads a picture, or an SVG with a real parser of XML: it throws at what is malformed. */
export const imageOf = (image: Buffer | string | null): Image => {
  const sharp = createRequire(import.meta.url)('sharp') as (image: Buffer) => Image;
  return sharp(Buffer.from(image ?? ''));
};
