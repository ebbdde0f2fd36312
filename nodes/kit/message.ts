import { z } from 'zod';
import type { MessageBody } from '../../platform/discord/index.ts';
import { fitMessage } from '../../platform/discord/limits.ts';
import { cleanText } from '../../platform/discord/text.ts';
import type { Message } from './index.ts';
import { renderForDiscord, renderPlain } from './template.ts';

/** Discord's button styles (https://discord.com/developers/docs/components/reference#button). */
export const BUTTON_STYLES = { primary: 1, secondary: 2, success: 3, danger: 4 } as const;

const ACTION_ROW = 1;
const BUTTON = 2;
const BUTTONS_IN_A_ROW = 5;
const MOST_BUTTONS = 25;

export const buttonSchema = z.object({
  label: z.string().min(1, 'a button needs a label'),
  style: z.enum(['primary', 'secondary', 'success', 'danger']).default('secondary'),
  /** `name:argument`; a component node takes the presses of that name. */
  customId: z.string().min(1, 'a button needs a custom id'),
  /** A list in the message, such as `payload.requests`: one button for each of its items. */
  each: z.string().default(''),
  /** A property of the item that must be true for it to get its button. */
  when: z.string().default(''),
});

/** The settings of everything that shows a message: text, one embed, buttons. All texts are templates. */
export const messageSettings = {
  content: z.string().default(''),
  embedTitle: z.string().default(''),
  embedText: z.string().default(''),
  embedColour: z.string().default(''),
  embedFields: z
    .array(z.object({ name: z.string(), value: z.string(), inline: z.boolean().default(true) }))
    .default([]),
  buttons: z.array(buttonSchema).default([]),
};

export type MessageSettings = z.output<z.ZodObject<typeof messageSettings>>;

/**
 * Builds a message from a node's settings and what the flow's message holds. It pings nobody, unless a user is named.
 * @param ping the one user who may be pinged, or none
 */
export function buildMessage(settings: MessageSettings, msg: Message, ping: string | null = null): MessageBody {
  const text = (template: string) => renderForDiscord(template, msg);
  const embed = {
    ...(settings.embedTitle && { title: text(settings.embedTitle) }),
    ...(settings.embedText && { description: text(settings.embedText) }),
    ...(settings.embedFields.length > 0 && {
      fields: settings.embedFields.map(({ name, value, inline }) => ({ name: text(name), value: text(value), inline })),
    }),
  };
  const colour = /^#?([0-9a-f]{6})$/i.exec(renderPlain(settings.embedColour, msg).trim())?.[1];
  const hasEmbed = Object.keys(embed).length > 0;
  return fitMessage({
    content: text(settings.content),
    embeds: hasEmbed ? [{ ...embed, ...(colour && { color: Number.parseInt(colour, 16) }) }] : [],
    components: rowsOf(settings.buttons.flatMap((button) => buttonsOf(button, msg))),
    allowed_mentions: { parse: [], ...(ping && { users: [ping] }) },
  });
}

function buttonsOf(button: z.output<typeof buttonSchema>, msg: Message): object[] {
  const items = button.each ? itemsAt(msg, button.each) : [{}];
  return items
    .filter((item) => !button.when || Boolean((item as Record<string, unknown>)[button.when]))
    .map((item) => {
      const view = { ...msg, ...item };
      return {
        type: BUTTON,
        style: BUTTON_STYLES[button.style],
        label: cleanText(renderPlain(button.label, view)),
        custom_id: renderPlain(button.customId, view),
      };
    });
}

function itemsAt(msg: Message, path: string): object[] {
  let value: unknown = msg;
  for (const key of path.split('.')) {
    value = value && typeof value === 'object' && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return Array.isArray(value) ? value : [];
}

function rowsOf(buttons: object[]): object[] {
  const shown = buttons.slice(0, MOST_BUTTONS);
  const rows = [];
  for (let at = 0; at < shown.length; at += BUTTONS_IN_A_ROW) {
    rows.push({ type: ACTION_ROW, components: shown.slice(at, at + BUTTONS_IN_A_ROW) });
  }
  return rows;
}
