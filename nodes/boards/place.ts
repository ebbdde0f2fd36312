import { createHash } from 'node:crypto';

/**
 * Where on a board a page is, short enough for a custom id of 100 characters whatever the filters are called: a region
 * and a company stand in it as digests of their names.
 */
export interface Place {
  board: string;
  limit: number;
  offset: number;
  /** Digests; empty: all. */
  region: string;
  company: string;
}

const PLACE = /^([a-z0-9-]{1,32})\.(\d{1,3})\.(\d{1,9})\.([\w-]{0,10})\.([\w-]{0,10})$/;
const DIGEST_LENGTH = 10;

export const digestOf = (name: string | undefined): string =>
  name ? createHash('sha256').update(name).digest('base64url').slice(0, DIGEST_LENGTH) : '';

export const writePlace = ({ board, limit, offset, region, company }: Place): string =>
  [board, limit, offset, region, company].join('.');

/** @returns null for what is none */
export function readPlace(text: unknown): Place | null {
  const [, board = '', limit, offset, region = '', company = ''] = PLACE.exec(String(text ?? '')) ?? [];
  return board ? { board, limit: Number(limit), offset: Number(offset), region, company } : null;
}
