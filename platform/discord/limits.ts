import { Fault } from '../fault.ts';
import { fitText, NOTHING } from './text.ts';

/**
 * Discord's limits, in characters or pieces. Sources: https://discord.com/developers/docs, pages "Message" (content,
 * embed limits), "Component Reference" (components, modals), "Application Commands" (commands, choices), "Channel",
 * "Guild" and "Webhook" (names); the numbers of components also from Discord's OpenAPI document.
 */
export const LIMITS = {
  content: 2000,
  embeds: 10,
  embedTitle: 256,
  embedDescription: 4096,
  embedFields: 25,
  embedFieldName: 256,
  embedFieldValue: 1024,
  embedFooter: 2048,
  embedAuthor: 256,
  /** Of all texts of all embeds of a message. */
  embedTotal: 6000,
  nonce: 25,
  attachmentDescription: 1024,
  files: 10,
  /** In bytes: of one file in a server without boosts, and of a whole request (reference page, "Uploading Files"). */
  fileSize: 10 * 1024 * 1024,
  requestSize: 25 * 1024 * 1024,
  customId: 100,
  buttonLabel: 80,
  buttonUrl: 512,
  rows: 5,
  buttonsInRow: 5,
  selectPlaceholder: 150,
  selectOptions: 25,
  optionLabel: 100,
  optionValue: 100,
  optionDescription: 100,
  /** Of a message or modal with the newer components, nested ones counted. */
  components: 40,
  /** Of all text displays of a message. */
  textDisplays: 4000,
  modalTitle: 45,
  modalComponents: 5,
  inputLabel: 45,
  inputDescription: 100,
  inputPlaceholder: 100,
  inputValue: 4000,
  choices: 25,
  choiceName: 100,
  choiceValue: 100,
  commandName: 32,
  commandDescription: 100,
  commandOptions: 25,
  channelName: 100,
  channelTopic: 1024,
  roleName: 100,
  nickname: 32,
  webhookName: 80,
  auditReason: 512,
} as const;

/** A message that no cutting can make valid: what is too long names something and must stay whole. */
export class UnfitMessageError extends Fault {
  override name = 'UnfitMessageError';
}

type Bag = Record<string, unknown>;
/** Discord's component types that are handled here (https://discord.com/developers/docs/components/reference). */
const ROW = 1;
const BUTTON = 2;
const STRING_SELECT = 3;
const TEXT_INPUT = 4;
const TEXT_DISPLAY = 10;
const THUMBNAIL = 11;
/** Message flag of the newer components, which replace content, embeds and the limit of five rows. */
const COMPONENTS_V2 = 1 << 15;
/** Discord takes no empty name of a field; this is shown as nothing. */
const BLANK = '\u200B';

/**
 * Makes a message fit all of Discord's limits: texts are cut, the longest first where only their sum is too long; empty
 * fields and embeds are left out. The message that is given stays as it is.
 * @throws UnfitMessageError for what cannot be cut: custom ids, URLs and values of options, doubled ones, and buttons
 */
export function fitMessage<T extends object>(message: T): T {
  const fitted = { ...message } as Bag;
  cut(fitted, 'content', LIMITS.content);
  if (Array.isArray(fitted.embeds)) fitted.embeds = fitEmbeds(fitted.embeds.filter(isBag));
  if (Array.isArray(fitted.attachments)) {
    fitted.attachments = fitted.attachments.filter(isBag).map((attachment) => {
      return cut({ ...attachment }, 'description', LIMITS.attachmentDescription);
    });
  }
  if (Array.isArray(fitted.components)) {
    const newer = (Number(fitted.flags ?? 0) & COMPONENTS_V2) !== 0;
    fitted.components = fitComponents(fitted.components, newer ? LIMITS.components : LIMITS.rows);
  }
  return fitted as T;
}

/**
 * Makes a modal's data fit: its title, and the labels and texts in it.
 * @throws UnfitMessageError as `fitMessage` does
 */
export function fitModal<T extends object>(modal: T): T {
  const fitted = { ...modal } as Bag;
  fitted.title = fitText(nonBlank(fitted.title), LIMITS.modalTitle);
  requireCustomId(fitted.custom_id, new Set());
  if (Array.isArray(fitted.components)) fitted.components = fitComponents(fitted.components, LIMITS.modalComponents);
  return fitted as T;
}

/** Makes suggestions fit: their names are cut; those with a value that is too long, and those past 25, are left out. */
export function fitChoices<T extends { name: string; value: string | number }>(choices: readonly T[]): T[] {
  return choices
    .filter(({ value }) => typeof value === 'number' || value.length <= LIMITS.choiceValue)
    .slice(0, LIMITS.choices)
    .map((choice) => ({ ...choice, name: fitText(nonBlank(choice.name), LIMITS.choiceName) }));
}

function fitEmbeds(embeds: Bag[]): Bag[] {
  const fitted = embeds.map(fitEmbed).filter(showsSomething).slice(0, LIMITS.embeds);
  const long: Text[] = [];
  const short: Text[] = [];
  for (const embed of fitted) {
    long.push({ of: embed, key: 'description' });
    short.push({ of: embed, key: 'title' });
    if (isBag(embed.footer)) short.push({ of: embed.footer, key: 'text' });
    if (isBag(embed.author)) short.push({ of: embed.author, key: 'name' });
    for (const field of bags(embed.fields)) {
      long.push({ of: field, key: 'value' });
      short.push({ of: field, key: 'name' });
    }
  }
  // What a message is about stands in the long texts: the others are cut only when these are short already.
  level(long, LIMITS.embedTotal - sum(short), 60);
  level(short, LIMITS.embedTotal - sum(long), 20);
  level([...long, ...short], LIMITS.embedTotal, 1);
  return fitted;
}

function fitEmbed(embed: Bag): Bag {
  const fitted = { ...embed };
  for (const key of ['title', 'description']) if (isBlank(fitted[key])) delete fitted[key];
  if (isBag(fitted.footer) && isBlank(fitted.footer.text)) delete fitted.footer;
  if (isBag(fitted.author) && isBlank(fitted.author.name)) delete fitted.author;
  cut(fitted, 'title', LIMITS.embedTitle);
  cut(fitted, 'description', LIMITS.embedDescription);
  if (isBag(fitted.footer)) fitted.footer = cut({ ...fitted.footer }, 'text', LIMITS.embedFooter);
  if (isBag(fitted.author)) fitted.author = cut({ ...fitted.author }, 'name', LIMITS.embedAuthor);
  if (Array.isArray(fitted.fields)) {
    fitted.fields = bags(fitted.fields)
      .filter(({ value }) => !isBlank(value))
      .slice(0, LIMITS.embedFields)
      .map((field) => {
        const name = isBlank(field.name) ? BLANK : fitText(String(field.name), LIMITS.embedFieldName);
        return { ...field, name, value: fitText(String(field.value), LIMITS.embedFieldValue) };
      });
  }
  return fitted;
}

function showsSomething(embed: Bag): boolean {
  const { title, description, fields, footer, author, image, thumbnail, video } = embed;
  return bags(fields).length > 0 || [title, description, footer, author, image, thumbnail, video].some(Boolean);
}

/** A text at its place. */
interface Text {
  of: Bag;
  key: string;
}

function lengthOf({ of, key }: Text): number {
  const text = of[key];
  return typeof text === 'string' ? text.length : 0;
}

function sum(texts: readonly Text[]): number {
  return texts.reduce((total, text) => total + lengthOf(text), 0);
}

/** Cuts the longest texts to one length, the greatest for which all fit into the space, but not below `least`. */
function level(texts: readonly Text[], space: number, least: number): void {
  if (sum(texts) <= space) return;
  let low = least;
  let high = Math.max(...texts.map(lengthOf));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const total = texts.reduce((length, text) => length + Math.min(lengthOf(text), middle), 0);
    if (total <= space) low = middle;
    else high = middle - 1;
  }
  for (const { of, key } of texts) cut(of, key, low);
}

/** What is known of all components of a message while they are fitted one by one. */
interface Seen {
  customIds: Set<string>;
  displays: Text[];
  count: number;
}

function fitComponents(components: readonly unknown[], most: number): unknown[] {
  const seen: Seen = { customIds: new Set(), displays: [], count: 0 };
  const fitted = components.map((component) => fitComponent(component, seen));
  if (fitted.length > most) throw new UnfitMessageError('too_many', `There is room for ${most} rows of components`);
  if (seen.count > LIMITS.components) {
    throw new UnfitMessageError('too_many', `There is room for ${LIMITS.components} components`);
  }
  level(seen.displays, LIMITS.textDisplays, 1);
  return fitted;
}

function fitComponent(component: unknown, seen: Seen): unknown {
  if (!isBag(component)) return component;
  seen.count++;
  const fitted = { ...component };
  if (fitted.custom_id !== undefined) requireCustomId(fitted.custom_id, seen.customIds);
  if (Array.isArray(fitted.components)) fitted.components = fitted.components.map((inner) => fitComponent(inner, seen));
  for (const key of ['component', 'accessory']) if (isBag(fitted[key])) fitted[key] = fitComponent(fitted[key], seen);
  if (Array.isArray(fitted.options)) fitOptions(fitted);
  if (Array.isArray(fitted.items)) {
    fitted.items = bags(fitted.items).map((item) => cut({ ...item }, 'description', LIMITS.attachmentDescription));
  }
  if (fitted.type === ROW && bags(fitted.components).length > LIMITS.buttonsInRow) {
    throw new UnfitMessageError('too_many', `A row has room for ${LIMITS.buttonsInRow} buttons`);
  }
  if (fitted.type === TEXT_DISPLAY) seen.displays.push({ of: fitted, key: 'content' });
  if (fitted.type === BUTTON) fitButton(fitted);
  else cut(fitted, 'label', LIMITS.inputLabel);
  cut(fitted, 'description', fitted.type === THUMBNAIL ? LIMITS.attachmentDescription : LIMITS.inputDescription);
  cut(fitted, 'placeholder', fitted.type === TEXT_INPUT ? LIMITS.inputPlaceholder : LIMITS.selectPlaceholder);
  if (fitted.type === TEXT_INPUT) cut(fitted, 'value', LIMITS.inputValue);
  return fitted;
}

function fitButton(button: Bag): void {
  if (isBlank(button.label) && button.emoji === undefined && button.sku_id === undefined) button.label = NOTHING;
  cut(button, 'label', LIMITS.buttonLabel);
  if (typeof button.url === 'string' && button.url.length > LIMITS.buttonUrl) {
    throw new UnfitMessageError('url', `The URL of a button is longer than ${LIMITS.buttonUrl} characters`);
  }
}

function fitOptions(select: Bag): void {
  const options = bags(select.options).slice(0, LIMITS.selectOptions);
  const values = new Set<unknown>();
  select.options = options.map((option) => {
    const { value } = option;
    if (typeof value === 'string' && value.length > LIMITS.optionValue) {
      throw new UnfitMessageError(
        'option_value',
        `The value of an option is longer than ${LIMITS.optionValue} characters`,
      );
    }
    if (values.has(value)) throw new UnfitMessageError('duplicate', `Two options have the value ${String(value)}`);
    values.add(value);
    const fitted = { ...option, label: fitText(nonBlank(option.label), LIMITS.optionLabel) };
    return cut(fitted, 'description', LIMITS.optionDescription);
  });
  for (const key of select.type === STRING_SELECT ? ['min_values', 'max_values'] : []) {
    const count = select[key];
    if (typeof count === 'number' && count > options.length) select[key] = options.length;
  }
}

function requireCustomId(id: unknown, seen: Set<string>): void {
  if (typeof id !== 'string' || id === '' || id.length > LIMITS.customId) {
    throw new UnfitMessageError('custom_id', `A custom id needs 1 to ${LIMITS.customId} characters: ${String(id)}`);
  }
  if (seen.has(id)) throw new UnfitMessageError('duplicate', `Two components have the custom id ${id}`);
  seen.add(id);
}

/** Cuts a property where it is text. */
function cut(bag: Bag, key: string, limit: number): Bag {
  const text = bag[key];
  if (typeof text === 'string') bag[key] = fitText(text, limit);
  return bag;
}

function nonBlank(text: unknown): string {
  return isBlank(text) ? NOTHING : String(text);
}

function isBlank(text: unknown): boolean {
  return text === undefined || text === null || String(text).trim() === '';
}

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bags(value: unknown): Bag[] {
  return Array.isArray(value) ? value.filter(isBag) : [];
}
