import { endianness } from 'node:os';
import { UNITS } from './decimals.ts';

/**
 * Ranks and scores of everybody lie in the database packed by slot: a million numbers as arrays take ten times as long
 * on their way. So many slots are in one row of `settled_ranks` and `rank_history`, which fills a page; `rank_at` and
 * `score_at` read them in SQL. Ranks are of 4 bytes, scores of 8 and in units of their last place, the highest byte first.
 */
export const CHUNK = 500;

const RANK_BYTES = 4;
const SCORE_BYTES = 8;
const WORD = 2 ** 32;
const isTurned = endianness() === 'LE';

/** How many rows so many slots take. */
export const chunksOf = (slots: number): number => Math.ceil(slots / CHUNK);

/** The ranks of one row; there must be as many. */
export function packRanks(ranks: Int32Array, chunk: number): Buffer {
  const packed = Buffer.from(bytesOf(ranks, chunk));
  return isTurned ? packed.swap32() : packed;
}

/** Puts the ranks of one row where they belong; there must be room. */
export function unpackRanks(packed: Buffer, into: Int32Array, chunk: number): void {
  const bytes = bytesOf(into, chunk);
  bytes.set(packed);
  if (isTurned) bytes.swap32();
}

const bytesOf = ({ buffer, byteOffset }: Int32Array, chunk: number): Buffer =>
  Buffer.from(buffer, byteOffset + chunk * CHUNK * RANK_BYTES, CHUNK * RANK_BYTES);

/** The scores of one row; NaN, and what there is none of, is kept as 0. */
export function packScores(scores: Float64Array, chunk: number): Buffer {
  const packed = Buffer.alloc(CHUNK * SCORE_BYTES);
  const view = viewOf(packed);
  const first = chunk * CHUNK;
  const end = Math.min(scores.length, first + CHUNK);
  for (let slot = first, at = 0; slot < end; slot += 1, at += SCORE_BYTES) {
    const score = scores[slot] as number;
    if (Number.isNaN(score)) continue;
    const units = Math.round(score * UNITS);
    view.setInt32(at, Math.floor(units / WORD));
    view.setUint32(at + SCORE_BYTES / 2, units);
  }
  return packed;
}

/** Puts the scores of one row where they belong; there must be room. */
export function unpackScores(packed: Buffer, into: Float64Array, chunk: number): void {
  const view = viewOf(packed);
  for (let slot = chunk * CHUNK, at = 0; at < packed.length; slot += 1, at += SCORE_BYTES) {
    into[slot] = (view.getInt32(at) * WORD + view.getUint32(at + SCORE_BYTES / 2)) / UNITS;
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);
