/** Where a row or a cell is. */
export interface Place {
  file: string;
  /** From 1, the header's; null: it is about the file as a whole. */
  line: number | null;
  column?: string | null;
}

export interface Problem extends Place {
  /** One or two sentences. */
  sentence: string;
}

/** So many are shown; more are only counted. */
export const MOST_SHOWN = 100;
const LONGEST_QUOTE = 60;

/** What is wrong with the files: the first problems of each, and how many there are. */
export class Problems {
  readonly #files: string[];
  readonly #ofFile = new Map<string, Problem[]>();
  #count = 0;

  /** @param files in the order in which their problems are shown */
  constructor(files: string[]) {
    this.#files = files;
  }

  get count(): number {
    return this.#count;
  }

  add(problem: Problem): void {
    this.#count += 1;
    const those = this.#ofFile.get(problem.file) ?? [];
    this.#ofFile.set(problem.file, those);
    those.push(problem);
    // Those that show only when a whole file is known belong before others that were found earlier.
    if (those.length > 2 * MOST_SHOWN) those.sort(byLine).splice(MOST_SHOWN);
  }

  /** Counts problems that are not worth keeping one by one. */
  addUnseen(count: number): void {
    this.#count += count;
  }

  /** A line for each of the first ones, and how many more there are. */
  lines(): string[] {
    const shown = this.#files
      .flatMap((file) => (this.#ofFile.get(file) ?? []).sort(byLine))
      .slice(0, MOST_SHOWN)
      .map(lineOf);
    const more = this.#count - shown.length;
    return more > 0 ? [...shown, `… and ${more.toLocaleString('en-US')} more.`] : shown;
  }
}

const byLine = (one: Problem, other: Problem): number => (one.line ?? 0) - (other.line ?? 0);

export function lineOf({ file, line, column, sentence }: Problem): string {
  const place = [file, line === null ? [] : `line ${line}`, column ? `column ${column}` : []].flat().join(', ');
  return oneLine(`${place}: ${asSentence(sentence)}`);
}

const asSentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?)]$/.test(text) ? '' : '.'}`;

/** A terminal would obey control characters in what somebody put into a file. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ');

/** What stands in a cell, short enough for a sentence. */
export const quoted = (text: string): string =>
  `“${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE).toWellFormed()}…` : text}”`;
