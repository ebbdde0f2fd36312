import english from './locales/en-US.json' with { type: 'json' };

export type TextKey = keyof typeof english;
type Catalogue = Partial<Record<TextKey, string>>;

/** The texts of `locales/` by language, put here by the build; what one lacks is said in English. */
declare const LOCALES: { 'en-US': Record<TextKey, string>; [language: string]: Catalogue };

/** The language that the page speaks; dates and numbers are written as the reader is used to. */
export const LANGUAGE = navigator.languages.find((wanted) => catalogueOf(wanted) !== undefined) ?? 'en-US';
const catalogue = catalogueOf(LANGUAGE) ?? {};

function catalogueOf(wanted: string): Catalogue | undefined {
  const base = wanted.split('-')[0];
  const name = Object.keys(LOCALES).find((known) => known === wanted || known.split('-')[0] === base);
  return name === undefined ? undefined : LOCALES[name];
}

/** A text with its `{names}` filled in. */
export function text(key: TextKey, values: Record<string, string | number> = {}): string {
  const template = catalogue[key] ?? LOCALES['en-US'][key];
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
