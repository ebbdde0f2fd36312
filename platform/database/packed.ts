import pg from 'pg';

const { builtins } = pg.types;

/** What PostgreSQL's `array_send` and `array_recv` speak, for one dimension: five numbers, then length and value each. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

const KINDS = {
  int4: { oid: builtins.INT4, bytes: 4, write: 'writeInt32BE', read: 'readInt32BE' },
  float8: { oid: builtins.FLOAT8, bytes: 8, write: 'writeDoubleBE', read: 'readDoubleBE' },
} as const;

/**
 * A list as a statement's parameter, in binary: a tick has a million numbers, and writing them out as text takes ten
 * times as long. The driver sends a Buffer in binary whatever its type is.
 * @param from the first of `numbers`; beyond their end come zeros
 */
export function packedArray(
  kind: keyof typeof KINDS,
  numbers: Int32Array | Float64Array,
  from = 0,
  length = numbers.length,
): Buffer {
  const { oid, bytes, write } = KINDS[kind];
  const packed = Buffer.allocUnsafe(HEADER_BYTES + length * (LENGTH_BYTES + bytes));
  let at = 0;
  for (const number of [1, 0, oid, length, 1]) at = packed.writeInt32BE(number, at);
  for (let index = from; index < from + length; index += 1) {
    at = packed.writeInt32BE(bytes, at);
    at = packed[write](numbers[index] ?? 0, at);
  }
  return packed;
}

/** Reads what `array_send` of a list without nulls gave, into a list of the same kind. */
export function unpackArray(kind: keyof typeof KINDS, packed: Buffer, into: Int32Array | Float64Array, at = 0): void {
  const { bytes, read } = KINDS[kind];
  let index = at;
  for (let place = HEADER_BYTES + LENGTH_BYTES; place < packed.length; place += LENGTH_BYTES + bytes) {
    into[index] = packed[read](place);
    index += 1;
  }
}
