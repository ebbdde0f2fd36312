import { z } from 'zod';
import { boardsTopic } from '../../../core/boards/index.ts';
import { fitModal, LIMITS } from '../../../platform/discord/limits.ts';
import { cleanText } from '../../../platform/discord/text.ts';
import { Fault } from '../../../platform/fault.ts';
import type { Answer, Suggestion } from '../../../platform/interactions.ts';
import { defineNode, type Message, renderPlain } from '../../kit/index.ts';
import { buildMessage, messageSettings } from '../../kit/message.ts';
import { isFromWeb, responseOf } from '../../kit/response.ts';
import { migrations } from './migrations.ts';

const ACTION_ROW = 1;
const TEXT_INPUT = 4;
const INPUT_STYLES = { short: 1, paragraph: 2 } as const;
const LOST_RESPONSE = 'There is nobody to answer: this message has lost msg.res. Pass it on as it came.';
/** Interactions are called by their ids; what began other runs is no number. */
const INTERACTION = /^\d{17,20}$/;

const field = z.object({
  name: z.string().min(1, 'a field needs a name').max(LIMITS.customId),
  label: z.string().min(1, 'a field needs a label').max(LIMITS.inputLabel, 'use up to 45 characters'),
  style: z.enum(['short', 'paragraph']).default('short'),
  required: z.boolean().default(false),
  maxLength: z.coerce.number().int().min(1).max(LIMITS.inputValue).default(500),
});

const settings = z.object({
  name: z.string().default(''),
  answer: z.enum(['message', 'update', 'edit', 'delete', 'modal', 'suggestions', 'json']).default('message'),
  ephemeral: z.boolean().default(true),
  ...messageSettings,
  modalTitle: z.string().default(''),
  modalCustomId: z.string().default(''),
  modalFields: z.array(field).max(LIMITS.modalComponents, 'Discord takes up to 5 fields').default([]),
  /** What a web app gets with its answer. */
  httpStatus: z.coerce.number().int().min(200).max(599).default(200),
  /** Until when the same answer serves whoever asks for the same address. */
  keep: z.enum(['no', 'boards']).default('no'),
});
type Settings = z.output<typeof settings>;

/** What an answer shows that is kept, by community. */
const TOPICS: Record<Settings['keep'], (community: string) => string | null> = {
  no: () => null,
  boards: boardsTopic,
};

/** Answers what began the flow: an interaction in one of the ways of the table below, or the request of a web app. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-reply',
  version: 4,
  migrations,
  settings,
  values: { suggestions: { type: 'msg', value: 'payload' }, body: { type: 'msg', value: 'payload' } },
  outputs: ['answered'],
  handle: async ({ platform, settings, values, msg, actor }) => {
    if (isFromWeb(actor)) {
      const exchange = platform.web.exchangeOf(responseOf(msg));
      if (!exchange) throw new Fault('no-request', LOST_RESPONSE);
      if (msg.refusal) exchange.refuse(msg.refusal);
      else exchange.answer(settings.httpStatus, values.body, TOPICS[settings.keep](actor.community));
      return { output: 'answered' };
    }
    if (!INTERACTION.test(actor.source)) {
      throw new Fault('no-interaction', 'There is nothing to answer: this message came from no interaction.');
    }
    const answer =
      settings.answer === 'suggestions'
        ? { kind: settings.answer, choices: choicesOf(values.suggestions) }
        : msg.refusal
          ? refusalOf(msg.refusal)
          : ANSWERS[settings.answer](settings, msg);
    await platform.interactions.answer(actor.source, answer);
    return { output: 'answered' };
  },
});

/** How an interaction can be answered (https://discord.com/developers/docs/interactions/receiving-and-responding). */
const ANSWERS: Record<Exclude<Settings['answer'], 'suggestions'>, (settings: Settings, msg: Message) => Answer> = {
  message: (settings, msg) => ({ kind: 'message', ephemeral: settings.ephemeral, body: buildMessage(settings, msg) }),
  update: (settings, msg) => ({ kind: 'update', body: buildMessage(settings, msg) }),
  edit: (settings, msg) => ({ kind: 'edit', ephemeral: settings.ephemeral, body: buildMessage(settings, msg) }),
  delete: (_settings, msg) => {
    const { message } = (msg.interaction ?? {}) as { message?: unknown };
    return { kind: 'delete', pressed: Boolean(message) };
  },
  modal: ({ modalTitle, modalCustomId, modalFields }, msg) => ({
    kind: 'modal',
    modal: fitModal({
      title: cleanText(renderPlain(modalTitle, msg)),
      custom_id: renderPlain(modalCustomId, msg),
      components: modalFields.map(({ name, label, style, required, maxLength }) => ({
        type: ACTION_ROW,
        components: [
          { type: TEXT_INPUT, custom_id: name, label, style: INPUT_STYLES[style], required, max_length: maxLength },
        ],
      })),
    }),
  }),
  json: () => {
    throw new Fault('not-for-discord', 'This node answers web apps alone. Choose in it what a member gets.');
  },
};

/** A list of texts, or of `{name, value}`, or a single one of either. Whatever else it is suggests nothing. */
function choicesOf(value: unknown): Suggestion[] {
  return (Array.isArray(value) ? value : [value]).flatMap((choice) => {
    if (isTyped(choice)) return [{ name: String(choice), value: choice }];
    const { name, value } = (choice ?? {}) as { name?: unknown; value?: unknown };
    return isTyped(value) ? [{ name: cleanText(String(name ?? value)), value }] : [];
  });
}

const isTyped = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && value !== '');

/** The member alone hears why not, whatever the node would have said. */
function refusalOf({ title, detail }: { title: string; detail: string }): Answer {
  return {
    kind: 'message',
    ephemeral: true,
    body: { content: `**${title}.** ${detail}`, allowed_mentions: { parse: [] } },
  };
}
