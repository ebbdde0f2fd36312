import { createReadStream } from 'node:fs';
import { type CsvError, type Parser, parse } from 'csv-parse';
import { type Problems, quoted } from './problems.ts';
import { counted } from './sheet.ts';

/** What a file may have as columns. */
export interface Columns {
  required: readonly string[];
  optional: readonly string[];
  /** What else may be a column, as a sentence says it; undefined: nothing. */
  others?: string;
}

export interface CsvRow {
  /** Where it begins, from 1. */
  line: number;
  /** By the columns' names, without space around them. */
  cells: Record<string, string>;
}

/** Rows that were read together, and how far into the file they reach. */
export interface CsvRows {
  rows: CsvRow[];
  bytes: number;
}

const SEPARATORS = [',', ';', '\t'];
const READ_BYTES = 256 * 1024;
/** No row is that long; a quote that is never closed would be. */
const LONGEST_ROW = 64 * 1024;

/** What stops the parser (the codes are csv-parse's). */
const BROKEN: Record<string, string> = {
  INVALID_OPENING_QUOTE:
    'there is a quote in a field that does not begin with one. Put the whole field in quotes, and double those in it',
  CSV_INVALID_CLOSING_QUOTE: 'something follows the quote that ends a field. Double the quotes inside a field',
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened here that is never closed',
  CSV_MAX_RECORD_SIZE: `this row is longer than ${LONGEST_ROW / 1024} kB. Perhaps a quote is opened here that is never closed`,
};

/**
 * Reads a CSV file in UTF-8, the columns in any order: comma, semicolon or tab, whichever its header uses. What cannot be
 * read is noted with its line, and left out; nothing is read behind broken quotes.
 * @yields the rows that can be read
 */
export async function* readCsv(
  file: string,
  path: string,
  columns: Columns,
  problems: Problems,
): AsyncGenerator<CsvRows> {
  const note = (line: number | null, sentence: string, column?: string | null) =>
    problems.add({ file, line, column, sentence });
  const records: string[][] = [];
  let parser: Parser | null = null;
  let header: string[] | null = null;
  let line = 1;
  let bytes = 0;

  /** Takes what the parser has read so far. @returns null where the header makes it useless to go on */
  const take = (): CsvRow[] | null => {
    const rows: CsvRow[] = [];
    for (const record of records.splice(0)) {
      const at = line;
      line += linesOf(record);
      if (!header) {
        header = readHeader(record, columns, (sentence, column) => note(1, sentence, column));
        if (!header) return null;
      } else if (record.length !== 1 || record[0] !== '') {
        const row = readRow(header, record, (sentence, column) => note(at, sentence, column));
        if (row) rows.push({ line: at, cells: row });
      }
    }
    return rows;
  };

  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
      const isFirst = parser === null;
      if (isFirst && isUtf16(chunk)) return note(null, 'this is UTF-16. Save it as “CSV UTF-8”');
      parser ??= newParser(separatorOf(chunk), records);
      bytes += chunk.length;
      await write(parser, chunk);
      const rows = take();
      if (!rows) return;
      yield { rows, bytes };
    }
    if (parser) await end(parser);
    const rows = take();
    if (!rows) return;
    yield { rows, bytes };
    if (!header) note(null, 'the file is empty. Its first line names the columns');
  } catch (error) {
    const broken = BROKEN[(error as CsvError).code];
    if (broken === undefined) throw error;
    const rows = take();
    if (!rows) return;
    yield { rows, bytes };
    const column = header?.[(error as CsvError).column as number];
    note(line, `${broken}. What comes behind it was not read`, column);
  }
}

const linesOf = (record: string[]): number =>
  record.reduce((lines, cell) => lines + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 1);

function newParser(delimiter: string, records: string[][]): Parser {
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    max_record_size: LONGEST_ROW,
    on_record: (record: string[]) => {
      records.push(record);
      return null;
    },
  });
  // Each write is told, too.
  parser.on('error', () => {});
  // It ends once it is read, although there is nothing in it.
  return parser.resume();
}

const write = (parser: Parser, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => parser.write(chunk, (error) => (error ? reject(error) : resolve())));

const end = (parser: Parser): Promise<void> =>
  new Promise((resolve, reject) => parser.once('error', reject).once('end', resolve).end());

function isUtf16(chunk: Buffer): boolean {
  return (chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff) || chunk[1] === 0;
}

/** Whichever stands most often in the first line, outside quotes. */
function separatorOf(chunk: Buffer): string {
  const [first = ''] = chunk.toString('utf8').split('\n', 1);
  const bare = first.replace(/"[^"]*"/g, '');
  const count = (separator: string) => bare.split(separator).length;
  return SEPARATORS.reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

/** @returns the columns' names in small letters; null where rows cannot be judged by them */
function readHeader(
  record: string[],
  { required, optional, others }: Columns,
  note: (sentence: string, column?: string) => void,
): string[] | null {
  const names = record.map((name) => name.trim().toLowerCase());
  const known = [...required, ...optional];
  let isUsable = true;
  const refuse = (sentence: string, column?: string) => {
    note(sentence, column);
    isUsable = false;
  };
  if (names.some((name) => name.includes('\r'))) {
    refuse('the lines end with a carriage return alone. Save the file with LF or CR LF');
    return null;
  }
  for (const [index, name] of names.entries()) {
    if (name === '') refuse(`column ${index + 1} has no name`);
    else if (names.indexOf(name) !== index) refuse('this column comes twice', name);
    else if (!known.includes(name)) {
      refuse(`${quoted(name)} is not a column here; there are: ${known.join(', ')}${others ? `, and ${others}` : ''}`);
    }
  }
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) refuse(`the header lacks ${missing.join(', ')}`);
  return isUsable ? names : null;
}

function readRow(
  header: string[],
  record: string[],
  note: (sentence: string, column?: string) => void,
): Record<string, string> | null {
  if (record.length !== header.length) {
    note(`this row has ${counted(record.length, 'field')}, and the header has ${header.length}`);
    return null;
  }
  const cells: Record<string, string> = {};
  let isText = true;
  for (const [index, name] of header.entries()) {
    const cell = record[index]?.trim() ?? '';
    // What is not UTF-8 was read as this.
    if (cell.includes('\ufffd')) {
      note(`${quoted(cell)} has characters that are not UTF-8. Save the file as “CSV UTF-8”`, name);
      isText = false;
    }
    cells[name] = cell;
  }
  return isText ? cells : null;
}
