import mustache from 'mustache';
import { escapeText } from '../../platform/discord/text.ts';

/**
 * Fills a template for Discord: `{{payload.request.reason}}` stands for a value of the message, shown harmless
 * whatever somebody typed into it. `{{{…}}}` puts a value as it is, for text that the flow itself made.
 */
export function renderForDiscord(template: string, message: object): string {
  return mustache.render(template, message, {}, { escape: (value) => escapeText(String(value ?? '')) });
}

/** Fills a template for an id, a URL or another program: nothing is escaped. */
export function renderPlain(template: string, message: object): string {
  return mustache.render(template, message, {}, { escape: (value) => String(value ?? '') });
}
