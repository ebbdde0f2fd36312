import { z } from 'zod';
import type { MessageBody } from '../../platform/discord/index.ts';
import { fitMessage } from '../../platform/discord/limits.ts';
import { cleanText } from '../../platform/discord/text.ts';
import { buttonSchema, componentsOf, selectSchema } from './components.ts';
import { filesAt } from './files.ts';
import type { Message } from './index.ts';
import { renderForDiscord, renderPlain } from './template.ts';
import { imageAddress, webAddress } from './web-address.ts';

/** The settings of everything that shows a message: text, one embed, selects, buttons, files. Texts are templates. */
export const messageSettings = {
  content: z.string().default(''),
  embedTitle: z.string().default(''),
  /** Where the title leads. */
  embedUrl: z.string().default(''),
  embedText: z.string().default(''),
  embedColour: z.string().default(''),
  embedAuthor: z.string().default(''),
  embedAuthorIcon: z.string().default(''),
  /** Web addresses, or `attachment://name` for a file that is sent along. */
  embedImage: z.string().default(''),
  embedThumbnail: z.string().default(''),
  embedFooter: z.string().default(''),
  embedFields: z
    .array(z.object({ name: z.string(), value: z.string(), inline: z.boolean().default(true) }))
    .default([]),
  selects: z.array(selectSchema).max(5, 'Discord takes up to 5 selects').default([]),
  buttons: z.array(buttonSchema).default([]),
  /** Where in the message the files lie, such as `payload.file`. */
  files: z.string().default(''),
};

export type MessageSettings = z.output<z.ZodObject<typeof messageSettings>>;

/**
 * Builds a message from a node's settings and what the flow's message holds. It pings nobody, unless a user is named.
 * @param ping the one user who may be pinged, or none
 * @throws Fault for what no cutting makes fit: an address that is none, a file that is too large, a doubled custom id
 */
export function buildMessage(settings: MessageSettings, msg: Message, ping: string | null = null): MessageBody {
  return fitMessage({
    content: renderForDiscord(settings.content, msg),
    embeds: embedsOf(settings, msg),
    components: componentsOf(settings, msg),
    allowed_mentions: { parse: [], ...(ping && { users: [ping] }) },
    ...filesAt(msg, settings.files),
  });
}

function embedsOf(settings: MessageSettings, msg: Message): object[] {
  const text = (template: string) => renderForDiscord(template, msg);
  /** A template for a place that shows text as it is; null where nothing came of it. */
  const plain = (template: string) => renderPlain(template, msg).trim() || null;
  const image = (template: string, what: string) => {
    const address = plain(template);
    return address && { url: imageAddress(address, what) };
  };
  const url = plain(settings.embedUrl);
  const author = plain(settings.embedAuthor);
  const icon = plain(settings.embedAuthorIcon);
  const picture = image(settings.embedImage, 'image of the card');
  const thumbnail = image(settings.embedThumbnail, 'small image of the card');
  const footer = plain(settings.embedFooter);
  const embed = {
    ...(settings.embedTitle && { title: text(settings.embedTitle) }),
    ...(settings.embedText && { description: text(settings.embedText) }),
    ...(settings.embedFields.length > 0 && {
      fields: settings.embedFields.map(({ name, value, inline }) => ({ name: text(name), value: text(value), inline })),
    }),
    ...(author && {
      author: { name: cleanText(author), ...(icon && { icon_url: imageAddress(icon, 'icon of the author') }) },
    }),
    ...(picture && { image: picture }),
    ...(thumbnail && { thumbnail }),
    ...(footer && { footer: { text: cleanText(footer) } }),
  };
  if (Object.keys(embed).length === 0) return [];
  const colour = /^#?([0-9a-f]{6})$/i.exec(plain(settings.embedColour) ?? '')?.[1];
  return [
    {
      ...embed,
      ...(url && { url: webAddress(url, 'address of the title') }),
      ...(colour && { color: Number.parseInt(colour, 16) }),
    },
  ];
}
