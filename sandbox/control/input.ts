import { ControlError } from './errors.ts';

/** A slash command as typed: its words and its `key:value` pairs in order. */
export interface TypedCommand {
  words: string[];
  values: [key: string, value: string][];
}

const PAIR = /^([-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}):/u;

/**
 * Reads `/name [group] [sub] key:value key:"a value with \" and spaces"`.
 * @param names the command's options where they are known: a value without quotes then reaches to the next of them, as
 *   in Discord's client. Otherwise it ends at a space.
 */
export function readInput(input: unknown, names?: readonly string[]): TypedCommand {
  if (typeof input !== 'string' || !input.startsWith('/')) {
    throw new ControlError(400, '"input" must be a command such as /name option:value');
  }
  const typed: TypedCommand = { words: [], values: [] };
  let rest = input.slice(1).trimStart();
  while (rest !== '') {
    const pair = PAIR.exec(rest);
    if (pair === null) {
      const word = /^\S+/.exec(rest)?.[0] ?? '';
      if (typed.values.length > 0) throw new ControlError(400, `"${word}" is no option: write it as name:value`);
      typed.words.push(word);
      rest = rest.slice(word.length).trimStart();
      continue;
    }
    const key = pair[1] ?? '';
    const [value, after] = readValue(rest.slice(pair[0].length), key, names);
    typed.values.push([key, value]);
    rest = after.trimStart();
  }
  if (typed.words.length === 0) throw new ControlError(400, '"input" names no command');
  return typed;
}

function readValue(text: string, key: string, names?: readonly string[]): [value: string, rest: string] {
  if (!text.startsWith('"')) {
    const ends = [...text.matchAll(/\s+(?=(\S+?):|)/g)];
    const end = ends.find(([, name]) => names === undefined || (name !== undefined && names.includes(name)))?.index;
    return [text.slice(0, end).trim(), text.slice(end ?? text.length)];
  }
  const read = readQuoted(text);
  if (read === null) throw new ControlError(400, `the quoted value of "${key}" does not end`);
  return read;
}

/** What stands between the quotes that a text begins with, and what follows them; null where it has no two. */
export function readQuoted(text: string): [value: string, rest: string] | null {
  if (!text.startsWith('"')) return null;
  let value = '';
  for (let at = 1; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') return [value, text.slice(at + 1)];
    if (letter === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
    value += text[at];
  }
  return null;
}

/** A value as it is read there: between quotes it reaches from one to the other, and has no `"` or `\` by itself. */
export function quote(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
