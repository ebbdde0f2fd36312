import { FormCheck, refusal } from '../api/errors.ts';
import type { UploadedFile } from '../api/route.ts';
import { isObject, type JsonObject, list, textLength } from '../json.ts';
import { attachedName } from '../media.ts';
import type { Message } from '../state/model.ts';
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
/** Files of a message, and how large each may be where nobody boosts (docs: reference, "Uploading Files"). */
const FILES = 10;
const FILE_BYTES = 10 * 1024 * 1024;

/** What a body is judged with: the files that came with it, and the message that it edits. */
interface Around {
  files?: readonly UploadedFile[];
  old?: Message;
}

/** Refuses what Discord refuses in a message, beyond its published schema (docs: resources/message, "Create Message"). */
export function checkMessage(body: JsonObject, { files = [], old }: Around = {}): void {
  const form = new FormCheck();
  const whole: JsonObject = { ...old, ...body };
  const kept = Array.isArray(body.attachments)
    ? (old?.attachments ?? []).filter(({ id }) =>
        list(body.attachments).some((item) => isObject(item) && item.id === id),
      )
    : (old?.attachments ?? []);
  if (files.some(({ content }) => content.length > FILE_BYTES)) throw refusal(40005);
  if (files.length + kept.length > FILES) throw refusal(30015);
  const v2 = ((Number(body.flags ?? 0) | (old?.flags ?? 0)) & FLAG.V2) !== 0;
  if (typeof body.content === 'string') form.at('content').length(textLength(body.content), 0, 2000);
  checkEmbeds(list(body.embeds), form.at('embeds'));
  checkComponents(list(body.components), form.at('components'), v2);
  const names = [...files.map(({ name }) => name), ...kept.map(({ filename }) => filename)];
  checkMedia(list(body.components), names, form.at('components'));
  checkAllowedMentions(body.allowed_mentions, form.at('allowed_mentions'));
  if (list(body.sticker_ids).length > 0) throw refusal(50081);
  if (isObject(body.poll)) form.at('poll').add('POLL_UNAVAILABLE', 'This sandbox has no polls.');
  if (v2) {
    for (const key of ['content', 'embeds', 'sticker_ids', 'poll']) {
      if (!isEmpty(whole[key]))
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
  const parts = [whole.embeds, whole.attachments, files].some((part) => list(part).length > 0);
  if (text === '' && !parts && !hasComponents(whole.components)) throw refusal(50006);
}

/** Refuses a picture or file of a component that did not come with the message. */
function checkMedia(components: unknown[], names: unknown[], form: FormCheck): void {
  const check = (item: unknown, at: FormCheck) => {
    const url = isObject(item) ? item.url : undefined;
    const name = attachedName(url);
    if (name === undefined || names.includes(name)) return;
    at.at('url').add(
      'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
      `The referenced attachment ("${String(url)}") was not found`,
    );
  };
  for (const [index, component] of components.entries()) {
    if (!isObject(component)) continue;
    const at = form.at(index);
    check(component.media, at.at('media'));
    check(component.file, at.at('file'));
    for (const [number, item] of list(component.items).entries()) {
      if (isObject(item)) check(item.media, at.at('items', number, 'media'));
    }
    checkMedia(list(component.components), names, at.at('components'));
    if (isObject(component.accessory)) check(component.accessory.media, at.at('accessory', 'media'));
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
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
    if (shown.every((key) => isEmpty(embed[key]))) at.at('description').required();
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
