import { element } from './dom.ts';

/** The little of Discord's markdown that answers commonly use, each with what it becomes. */
const FORMS: { pattern: string; make(inner: string): Node | string }[] = [
  { pattern: String.raw`\\([\\*_~\`|<>#@:\-\[\]()])`, make: (sign) => sign },
  { pattern: String.raw`\*\*(.+?)\*\*`, make: (inner) => element('strong', {}, ...markdown(inner)) },
  { pattern: String.raw`\*(?!\s)(.+?)(?<!\s)\*`, make: (inner) => element('em', {}, ...markdown(inner)) },
  { pattern: '`([^`]+)`', make: (inner) => element('code', {}, inner) },
  { pattern: String.raw`<t:(\d{1,13})(?::\w)?>`, make: (seconds) => new Date(Number(seconds) * 1000).toLocaleString() },
];
const ANY = new RegExp(FORMS.map(({ pattern }) => pattern).join('|'), 'g');

/** Text with Discord's bold, italics, code and times as they look there; everything else stays as it is. */
export function markdown(content: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const match of content.matchAll(ANY)) {
    const index = match.slice(1).findIndex((inner) => inner !== undefined);
    parts.push(content.slice(end, match.index), FORMS[index]?.make(match[index + 1] ?? '') ?? match[0]);
    end = match.index + match[0].length;
  }
  return [...parts, content.slice(end)];
}
