import { z } from 'zod';
import { fitModal } from '../../../platform/discord/limits.ts';
import { cleanText } from '../../../platform/discord/text.ts';
import { Fault } from '../../../platform/fault.ts';
import type { Answer } from '../../../platform/interactions.ts';
import { defineNode, type Message, renderPlain } from '../../kit/index.ts';
import { buildMessage, messageSettings } from '../../kit/message.ts';

const ACTION_ROW = 1;
const TEXT_INPUT = 4;
const INPUT_STYLES = { short: 1, paragraph: 2 } as const;

const field = z.object({
  name: z.string().min(1, 'a field needs a name').max(100),
  label: z.string().min(1, 'a field needs a label').max(45, 'use up to 45 characters'),
  style: z.enum(['short', 'paragraph']).default('short'),
  required: z.boolean().default(false),
  maxLength: z.coerce.number().int().min(1).max(4000).default(500),
});

/** Answers the interaction that began the flow: with a message, a change of the pressed message, or a modal. */
export default defineNode({
  kind: 'work',
  type: 'guildhall-reply',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    answer: z.enum(['message', 'update', 'modal']).default('message'),
    ephemeral: z.boolean().default(true),
    ...messageSettings,
    modalTitle: z.string().default(''),
    modalCustomId: z.string().default(''),
    modalFields: z.array(field).max(5, 'Discord takes up to 5 fields').default([]),
  }),
  values: {},
  outputs: ['answered'],
  handle: async ({ platform, settings, msg, actor }) => {
    if (!actor.discord_id) {
      throw new Fault('no-interaction', 'There is nothing to answer: this message came from no interaction.');
    }
    await platform.interactions.answer(actor.source, answerOf(settings, msg));
    return { output: 'answered' };
  },
});

interface ReplySettings extends z.output<z.ZodObject<typeof messageSettings>> {
  answer: 'message' | 'update' | 'modal';
  ephemeral: boolean;
  modalTitle: string;
  modalCustomId: string;
  modalFields: z.output<typeof field>[];
}

function answerOf(settings: ReplySettings, msg: Message): Answer {
  if (msg.refusal) {
    const { title, detail } = msg.refusal;
    return {
      kind: 'message',
      ephemeral: true,
      body: { content: `**${title}.** ${detail}`, allowed_mentions: { parse: [] } },
    };
  }
  switch (settings.answer) {
    case 'message':
      return { kind: 'message', ephemeral: settings.ephemeral, body: buildMessage(settings, msg) };
    case 'update':
      return { kind: 'update', body: buildMessage(settings, msg) };
    case 'modal':
      return {
        kind: 'modal',
        modal: fitModal({
          title: cleanText(renderPlain(settings.modalTitle, msg)),
          custom_id: renderPlain(settings.modalCustomId, msg),
          components: settings.modalFields.map(({ name, label, style, required, maxLength }) => ({
            type: ACTION_ROW,
            components: [
              { type: TEXT_INPUT, custom_id: name, label, style: INPUT_STYLES[style], required, max_length: maxLength },
            ],
          })),
        }),
      };
  }
}
