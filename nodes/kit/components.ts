import { z } from 'zod';
import { LIMITS } from '../../platform/discord/limits.ts';
import { cleanText } from '../../platform/discord/text.ts';
import type { Message } from './index.ts';
import { itemsAt } from './path.ts';
import { renderPlain } from './template.ts';
import { webAddress } from './web-address.ts';

/** Discord's component types and button styles (https://discord.com/developers/docs/components/reference). */
const ACTION_ROW = 1;
const BUTTON = 2;
const BUTTON_STYLES = { primary: 1, secondary: 2, success: 3, danger: 4, link: 5 } as const;
const SELECTS = { text: 3, member: 5, role: 6, mentionable: 7, channel: 8 } as const;

const keysOf = <Key extends string>(table: Record<Key, unknown>) => Object.keys(table) as [Key, ...Key[]];

export const buttonSchema = z
  .object({
    label: z.string().min(1, 'a button needs a label'),
    style: z.enum(keysOf(BUTTON_STYLES)).default('secondary'),
    /** `name:argument`; a component node takes the presses of that name. */
    customId: z.string().default(''),
    /** Where a link leads: a link is pressed without anybody being told. */
    url: z.string().default(''),
    /** A list in the message, such as `payload.requests`: one button for each of its items. */
    each: z.string().default(''),
    /** A property of the item that must be true for it to get its button. */
    when: z.string().default(''),
    disabled: z.boolean().default(false),
  })
  .refine(({ style, customId }) => style === 'link' || customId !== '', {
    path: ['customId'],
    error: 'a button needs a custom id',
  })
  .refine(({ style, url }) => style !== 'link' || url !== '', { path: ['url'], error: 'a link needs an address' });

export const selectSchema = z.object({
  /** What it offers: texts of our own, or Discord's lists. */
  kind: z.enum(keysOf(SELECTS)).default('text'),
  /** `name:argument`; a component node takes the choices of that name. */
  customId: z.string().min(1, 'a select needs a custom id'),
  placeholder: z.string().default(''),
  /** Options of a `text` select; without a value of its own, an option's label is its value. */
  options: z
    .array(
      z.object({
        label: z.string().min(1, 'an option needs a label'),
        value: z.string().default(''),
        description: z.string().default(''),
      }),
    )
    .max(LIMITS.selectOptions, 'Discord takes up to 25 options')
    .default([]),
  /** A list in the message: the options are made for each of its items. */
  each: z.string().default(''),
  minValues: z.coerce.number().int().min(0).max(LIMITS.selectOptions).default(1),
  maxValues: z.coerce.number().int().min(1).max(LIMITS.selectOptions).default(1),
  disabled: z.boolean().default(false),
});

type Button = z.output<typeof buttonSchema>;
type Select = z.output<typeof selectSchema>;

/** The rows of a message: each select fills one, buttons share the others, five a row. What finds no room is left out. */
export function componentsOf(settings: { selects: Select[]; buttons: Button[] }, msg: Message): object[] {
  const rows = settings.selects.flatMap((select) => selectOf(select, msg)).map((select) => [select]);
  const buttons = settings.buttons.flatMap((button) => buttonsOf(button, msg));
  for (let at = 0; at < buttons.length; at += LIMITS.buttonsInRow)
    rows.push(buttons.slice(at, at + LIMITS.buttonsInRow));
  return rows.slice(0, LIMITS.rows).map((components) => ({ type: ACTION_ROW, components }));
}

function buttonsOf(button: Button, msg: Message): object[] {
  const items = button.each ? itemsAt(msg, button.each) : [{}];
  return items
    .filter((item) => !button.when || Boolean((item as Record<string, unknown>)[button.when]))
    .map((item) => {
      const view = { ...msg, ...item };
      return {
        type: BUTTON,
        style: BUTTON_STYLES[button.style],
        label: cleanText(renderPlain(button.label, view)),
        ...(button.disabled && { disabled: true }),
        ...(button.style === 'link'
          ? { url: webAddress(renderPlain(button.url, view), 'link of a button') }
          : { custom_id: renderPlain(button.customId, view) }),
      };
    });
}

/** Discord takes no select without options: one whose list is empty is left out. */
function selectOf(select: Select, msg: Message): object[] {
  const options = select.kind === 'text' ? optionsOf(select, msg) : null;
  if (options?.length === 0) return [];
  const placeholder = renderPlain(select.placeholder, msg).trim();
  return [
    {
      type: SELECTS[select.kind],
      custom_id: renderPlain(select.customId, msg),
      min_values: select.minValues,
      max_values: Math.max(select.minValues, select.maxValues),
      ...(placeholder && { placeholder: cleanText(placeholder) }),
      ...(options && { options }),
      ...(select.disabled && { disabled: true }),
    },
  ];
}

function optionsOf({ options, each }: Select, msg: Message): object[] {
  const items = each ? itemsAt(msg, each) : [{}];
  const found = items.flatMap((item) => {
    const view = { ...msg, ...item };
    return options.map(({ label, value, description }) => ({
      label: cleanText(renderPlain(label, view)),
      value: renderPlain(value || label, view).trim(),
      description: renderPlain(description, view).trim(),
    }));
  });
  return found
    .filter(({ value }) => value !== '')
    .map(({ label, value, description }) => ({
      label,
      value,
      ...(description && { description: cleanText(description) }),
    }));
}
