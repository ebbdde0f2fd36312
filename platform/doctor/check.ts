import type { Look } from './look.ts';
import type { TextKey } from './texts.ts';

/** What a check says: which text, with what in it. */
export interface Verdict {
  state: 'ok' | 'warning' | 'problem';
  text: TextKey;
  /** What of several things it is about, such as a channel's name. */
  about?: string;
  values?: Record<string, string>;
}

export interface Check {
  id: string;
  area: 'bot' | 'server' | 'machine';
  /** @throws Silent where another check says what is wrong; anything else becomes a finding */
  run(look: Look): Promise<Verdict[]>;
}

/** Thrown where there is nothing to say, as another finding has said it. */
export class Silent extends Error {
  override name = 'Silent';
}

export const ok = (text: TextKey, values: Record<string, string> = {}, about?: string): Verdict => ({
  state: 'ok',
  text,
  values,
  ...(about && { about }),
});

export const warning = (text: TextKey, values: Record<string, string> = {}, about?: string): Verdict => ({
  ...ok(text, values, about),
  state: 'warning',
});

export const problem = (text: TextKey, values: Record<string, string> = {}, about?: string): Verdict => ({
  ...ok(text, values, about),
  state: 'problem',
});
