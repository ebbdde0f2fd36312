import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The language that texts are written in first. */
const FIRST = 'en-US';
/** What a text is filled with, as the editor (`__name__`), our pages (`{{name}}`, `{name}`) and templates write it. */
const PLACEHOLDER = /__\w+?__|\{\{[^{}]*\}\}|\{\w+\}/g;

/**
 * What texts keep to: a language that is anywhere is everywhere, each catalogue has exactly the keys of the English one
 * with the same placeholders in each text, and each node has its help in every language, in the same parts.
 */
export function localeFaults(root: string): string[] {
  const find = (pattern: string) => globSync(pattern, { cwd: root, exclude: ['node_modules/**', 'dist/**'] });
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const catalogues = find('{nodes,pages,sandbox,platform,program,core}/**/locales/*.json');
  const folders = [...new Set(catalogues.map(dirname))].sort();
  const languages = [...new Set(catalogues.map((file) => basename(file, '.json')))].sort();
  const others = languages.filter((language) => language !== FIRST);
  const textsIn = (file: string) => textsOf(JSON.parse(read(file)));

  const ofCatalogues = folders.flatMap((folder) =>
    languages.flatMap((language) => {
      const file = join(folder, `${language}.json`);
      const first = join(folder, `${FIRST}.json`);
      if (!existsSync(join(root, file))) return [`${file} is missing: there are texts in ${language} elsewhere`];
      return existsSync(join(root, first)) ? differences(file, textsIn(first), textsIn(file)) : [];
    }),
  );
  const ofHelp = find('nodes/*/*/node.ts')
    .map(dirname)
    .sort()
    .flatMap((node) => {
      const english = join(node, 'help.md');
      if (!existsSync(join(root, english))) return [`${english} is missing`];
      return others.flatMap((language) => {
        const help = join(node, `help.${language}.md`);
        if (!existsSync(join(root, help))) return [`${help} is missing`];
        const isAlike = partsOf(read(help)) === partsOf(read(english));
        return isAlike ? [] : [`${help} has not the parts of help.md: headings, outputs, properties, table rows`];
      });
    });
  return [...ofCatalogues, ...ofHelp];
}

function differences(file: string, wanted: Map<string, string>, given: Map<string, string>): string[] {
  const lacking = [...wanted.keys()].filter((key) => !given.has(key));
  const beyond = [...given.keys()].filter((key) => !wanted.has(key));
  const unlike = [...wanted].filter(([key, text]) => placeholdersOf(given.get(key) ?? text) !== placeholdersOf(text));
  return [
    ...(lacking.length > 0 ? [`${file} lacks ${lacking.join(', ')}`] : []),
    ...(beyond.length > 0 ? [`${file} has ${beyond.join(', ')}, which ${FIRST} does not have`] : []),
    ...unlike.map(([key, text]) => `${file}: ${key} has not the placeholders ${placeholdersOf(text) || '(none)'}`),
  ];
}

const placeholdersOf = (text: string): string => (text.match(PLACEHOLDER) ?? []).sort().join(' ');

/** How a help text is built: its headings, numbered outputs, named properties, list items and table rows, in order. */
const partsOf = (help: string): string =>
  [...help.matchAll(/^(?:#+ |\d+\. |: \*?[\w.]+\*? \(\w+\)|- |\|)/gm)].map(([part]) => part.trim()).join(' ');

/** The texts of a catalogue by their paths, such as `fields.name`. */
function textsOf(catalogue: object): Map<string, string> {
  const texts = new Map<string, string>();
  const collect = (part: object, path: string): void => {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === 'object' && value !== null) collect(value, `${path}${key}.`);
      else texts.set(`${path}${key}`, String(value));
    }
  };
  collect(catalogue, '');
  return texts;
}
