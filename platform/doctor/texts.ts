import german from './locales/de.json' with { type: 'json' };
import english from './locales/en-US.json' with { type: 'json' };

type Catalogue = typeof english;
export type TextKey = keyof Catalogue['findings'];
export type WordKey = keyof Catalogue['words'];
/** Why the program cannot work at the moment. */
export type StatusCode = keyof Catalogue['status'];

/** Every language that findings can be told in. */
const CATALOGUES: Record<string, Catalogue> = { 'en-US': english, de: german };

interface Text {
  title: string;
  detail: string;
  fix?: string;
}

/** The words of one language. */
export interface Texts {
  /** A finding's words, with `{{name}}` replaced by its value. */
  finding(key: TextKey, values: Record<string, string>): Required<Text>;
  /** What is wrong and what to do about it; both are empty when nothing is, the second when it mends itself. */
  status(code: StatusCode | 'ready', reason: string): { problem: string; fix: string };
  /** A word that stands for a value within a finding. */
  word(key: WordKey): string;
  /** Permissions as Discord's settings call them, joined for a sentence. */
  permissions(names: readonly string[]): string;
  /** Intents as the Developer Portal calls their switches, joined for a sentence. */
  intents(names: readonly string[]): string;
}

/** @param wanted languages as a browser or a system names them, the best first; English where none is known */
export function textsIn(wanted: readonly string[]): Texts {
  const known = Object.keys(CATALOGUES);
  const same = (one: string, other: string) => one.split(/[-_.]/)[0] === other.split(/[-_.]/)[0];
  const language = wanted.map((one) => known.find((name) => same(name, one))).find(Boolean) ?? 'en-US';
  const { findings, status, words, permissions, intents } = CATALOGUES[language] ?? english;
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  const joined = (names: readonly string[], called: Record<string, string>) =>
    list.format(names.map((name) => called[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')));
  return {
    finding: (key, values) => {
      const { title, detail, fix = '' }: Text = findings[key];
      const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? '');
      return { title: fill(title), detail: fill(detail), fix: fill(fix) };
    },
    status: (code, reason) => {
      if (code === 'ready') return { problem: '', fix: '' };
      const { problem, fix = '' }: { problem: string; fix?: string } = status[code];
      return { problem: problem.replace('{{reason}}', () => reason), fix };
    },
    word: (key) => words[key],
    permissions: (names) => joined(names, permissions),
    intents: (names) => joined(names, intents),
  };
}

/** What to do about privileged intents that are needed and switched off, in English. */
export function switchOnIntents(names: readonly string[]): string {
  return english['switch-on'].replace('{{intents}}', textsIn([]).intents(names));
}
