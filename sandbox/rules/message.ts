import { FormCheck, refusal } from '../api/errors.ts';
import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { checkComponents, hasComponents } from './components.ts';
import { checkUrl } from './url.ts';

/** Flags of a message (docs: resources/message, "Message Flags"). */
export const FLAG = {
  SUPPRESS_EMBEDS: 4,
  HAS_THREAD: 32,
  EPHEMERAL: 64,
  LOADING: 128,
  SUPPRESS_NOTIFICATIONS: 4096,
  V2: 32_768,
} as const;

const EMBED_LENGTHS: [path: string[], max: number][] = [
  [['title'], 256],
  [['description'], 4096],
  [['footer', 'text'], 2048],
  [['author', 'name'], 256],
];
const EMBED_URLS: [path: string[], attachment: boolean][] = [
  [['url'], false],
  [['image', 'url'], true],
  [['thumbnail', 'url'], true],
  [['footer', 'icon_url'], true],
  [['author', 'icon_url'], true],
  [['author', 'url'], false],
];
const EMBEDS_TOTAL = 6000;

/**
 * Refuses what Discord refuses in a message, beyond its published schema (docs: resources/message, "Create Message").
 * `files` is how many files came with it; `old` is the message that a body edits.
 */
export function checkMessage(body: JsonObject, { files = 0, old }: { files?: number; old?: JsonObject } = {}): void {
  const form = new FormCheck();
  const whole: JsonObject = { ...old, ...body };
  const v2 = (Number(whole.flags ?? 0) & FLAG.V2) !== 0;
  if (typeof body.content === 'string') form.at('content').length(textLength(body.content), 0, 2000);
  checkEmbeds(list(body.embeds), form.at('embeds'));
  checkComponents(list(body.components), form.at('components'), v2);
  checkAllowedMentions(body.allowed_mentions, form.at('allowed_mentions'));
  if (v2) {
    for (const key of ['content', 'embeds', 'sticker_ids', 'poll']) {
      const value = whole[key];
      const empty =
        value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
      if (!empty)
        form
          .at(key)
          .add(
            'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
            `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
          );
    }
  }
  form.done();
  const text = typeof whole.content === 'string' ? whole.content.trim() : '';
  const parts = [whole.embeds, whole.sticker_ids, whole.attachments].some((part) => list(part).length > 0);
  const more = parts || files > 0 || hasComponents(whole.components) || isObject(whole.poll);
  if (text === '' && !more) throw refusal(50006);
}

/** A message as the one that an edit builds on: of its flags only IS_COMPONENTS_V2 binds the new body. */
export function editedFrom(message: JsonObject): JsonObject {
  const { flags, ...old } = message;
  return (Number(flags) & FLAG.V2) === 0 ? old : { ...old, flags: FLAG.V2 };
}

function checkEmbeds(embeds: unknown[], form: FormCheck): void {
  form.length(embeds.length, 0, 10);
  let total = 0;
  for (const [index, embed] of embeds.entries()) {
    if (!isObject(embed)) continue;
    const at = form.at(index);
    for (const [path, max] of EMBED_LENGTHS) {
      const text = inside(embed, path);
      if (typeof text !== 'string') continue;
      total += textLength(text.trim());
      at.at(...path).length(textLength(text.trim()), 0, max);
    }
    for (const [path, attachment] of EMBED_URLS) {
      const url = inside(embed, path);
      if (typeof url === 'string' && url !== '') checkUrl(url, attachment, at.at(...path));
    }
    const fields = list(embed.fields);
    at.at('fields').length(fields.length, 0, 25);
    for (const [number, field] of fields.entries()) {
      for (const [key, max] of [
        ['name', 256],
        ['value', 1024],
      ] as const) {
        const text = isObject(field) && typeof field[key] === 'string' ? field[key].trim() : '';
        total += textLength(text);
        if (text === '') at.at('fields', number, key).required();
        else at.at('fields', number, key).length(textLength(text), 0, max);
      }
    }
    const shown = ['title', 'description', 'fields', 'image', 'thumbnail', 'footer', 'author', 'video'];
    const empty = shown.every((key) => {
      const value = embed[key];
      return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
    });
    if (empty) at.at('description').required();
  }
  if (total > EMBEDS_TOTAL) {
    form.add('MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${EMBEDS_TOTAL}`);
  }
}

function checkAllowedMentions(allowed: unknown, form: FormCheck): void {
  if (!isObject(allowed)) return;
  const parse = list(allowed.parse);
  for (const kind of ['users', 'roles'] as const) {
    if (list(allowed[kind]).length > 100) form.at(kind).length(list(allowed[kind]).length, 0, 100);
    if (parse.includes(kind) && list(allowed[kind]).length > 0) {
      form.add(
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      );
    }
  }
}

function inside(value: JsonObject, path: string[]): unknown {
  let at: unknown = value;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  return at;
}
