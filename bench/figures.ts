/** To a tenth, or to another part. */
export const round = (value: number, parts = 10): number => Math.round(value * parts) / parts;

/** The one in the middle; of an even number the later of two. */
export const middle = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** @returns what so large a share of the values does not exceed, for shares from 0 to 1 */
export function percentiles(values: number[]): (share: number) => number {
  const sorted = Float64Array.from(values).sort();
  return (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
