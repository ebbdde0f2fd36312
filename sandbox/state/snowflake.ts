/** Discord's epoch, the first second of 2015 (docs: reference, "Snowflakes"). */
const EPOCH = 1_420_070_400_000n;

/** The `index`-th snowflake of the millisecond `at`. */
export function snowflakeAt(at: number, index = 0): string {
  return String(((BigInt(Math.trunc(at)) - EPOCH) << 22n) + BigInt(index));
}

/** When a snowflake was made, in milliseconds since 1970. */
export function snowflakeTime(id: string): number {
  return Number((BigInt(id) >> 22n) + EPOCH);
}

/** Makes ids that sort by time and never repeat, also when the clock goes back. */
export function snowflakeSource(now: () => number, newest = '0'): () => string {
  let last = BigInt(newest);
  return () => {
    const next = (BigInt(Math.trunc(now())) - EPOCH) << 22n;
    last = next > last ? next : last + 1n;
    return String(last);
  };
}

/** True when the text is a snowflake as clients send it. */
export function isSnowflake(text: string): boolean {
  return /^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n;
}

/** Sorts ids by time, oldest first. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
