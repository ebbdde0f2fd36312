import type english from '../locales/en-US.json';

type Texts = typeof english;

/** Every language's texts, put in by the build. */
declare const LOCALES: Record<string, Texts>;

/** The reader's language where its texts are there: exactly, or of the same language, or else English. */
function chosen(): { language: string; texts: Texts } {
  const known = Object.keys(LOCALES);
  for (const wanted of navigator.languages) {
    const language = known.find((name) => name === wanted) ?? known.find((name) => sameLanguage(name, wanted));
    if (language) return { language, texts: LOCALES[language] as Texts };
  }
  return { language: 'en-US', texts: LOCALES['en-US'] as Texts };
}

const sameLanguage = (one: string, other: string): boolean => one.split('-')[0] === other.split('-')[0];

export const { language, texts } = chosen();

/** Puts values into `{{name}}`. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? '');
}
