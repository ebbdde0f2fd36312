/** Values and scores are decimal numbers with up to four places; adding them is exact. */
export const UNITS = 10_000;
const UNITS_BIG = 10_000n;

/**
 * Nothing may be larger: a double then holds every number of four places, and PostgreSQL reads it back as the same one
 * (15 digits).
 */
export const LARGEST = 99_999_999_999;

/** The nearest number with four places; never -0. */
export const toFourPlaces = (value: number): number => Math.round(value * UNITS) / UNITS + 0;

/** Exact, for two numbers of four places. */
export const add = (one: number, other: number): number => toFourPlaces(one + other);

const inUnits = (value: number): bigint => BigInt(Math.round(value * UNITS));

/** Σ value × weight, exact before it is rounded once (half away from zero) to four places. */
export function weighted(terms: readonly { value: number; weight: number }[]): number {
  let sum = 0n;
  for (const { value, weight } of terms) sum += inUnits(value) * inUnits(weight);
  const half = sum < 0n ? -(UNITS_BIG / 2n) : UNITS_BIG / 2n;
  return Number((sum + half) / UNITS_BIG) / UNITS + 0;
}
