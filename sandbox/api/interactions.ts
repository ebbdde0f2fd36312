import { answeredInteraction, answerIsLate, INTERACTION, tokenIsOver, updateInteraction } from '../interactions.ts';
import { isObject, type JsonObject, list } from '../json.ts';
import { createMessage, deleteMessage, editMessage } from '../messages.ts';
import { messageObject } from '../payloads/messages.ts';
import { COMMAND } from '../rules/command.ts';
import { numberComponents } from '../rules/components.ts';
import { checkMessage, FLAG } from '../rules/message.ts';
import { checkModal } from '../rules/modal.ts';
import type { Channel, Interaction, Message } from '../state/model.ts';
import type { World } from '../world.ts';
import { attach } from './attachments.ts';
import { FormCheck, refusal } from './errors.ts';
import { findChannel } from './find.ts';
import { type Answer, type Call, noContent, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** Callback types (docs: interactions/receiving-and-responding, "Interaction Callback Type"). */
export const CALLBACK = { REPLY: 4, DEFER: 5, DEFER_UPDATE: 6, UPDATE: 7, CHOICES: 8, MODAL: 9 } as const;

/** The types of messages that answer a slash command, and a command used on a member or message. */
const CHAT_INPUT_COMMAND = 20;
const CONTEXT_MENU_COMMAND = 23;

const open = { auth: 'none', exempt: true } as const;
/** First answers to interactions; those after them go by the webhook of the token, in webhook-messages.ts. */
export const INTERACTION_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/interactions/:interaction/:token/callback', schema: BODY.callback, ...open, run: callback },
];

/** Which callbacks an interaction takes, by its type. */
const ACCEPTED: Record<number, readonly number[]> = {
  [INTERACTION.COMMAND]: [CALLBACK.REPLY, CALLBACK.DEFER, CALLBACK.MODAL],
  [INTERACTION.COMPONENT]: [CALLBACK.REPLY, CALLBACK.DEFER, CALLBACK.DEFER_UPDATE, CALLBACK.UPDATE, CALLBACK.MODAL],
  [INTERACTION.AUTOCOMPLETE]: [CALLBACK.CHOICES],
  [INTERACTION.MODAL_SUBMIT]: [CALLBACK.REPLY, CALLBACK.DEFER, CALLBACK.DEFER_UPDATE, CALLBACK.UPDATE],
};

/** Takes the initial answer: once, within 3 s, of a type that fits. */
function callback(call: Call): Answer {
  const { world, body } = call;
  const interaction = world.store.get('interactions', param(call, 'interaction'));
  if (interaction === undefined || interaction.token !== param(call, 'token')) throw refusal(10062);
  if (interaction.callback !== null) throw refusal(40060);
  if (answerIsLate(world, interaction)) throw refusal(10062);
  const type = Number(body.type);
  const update = type === CALLBACK.UPDATE || type === CALLBACK.DEFER_UPDATE;
  const accepted = (ACCEPTED[interaction.type] ?? []).includes(type) && (!update || interaction.source_id !== null);
  if (!accepted) {
    const form = new FormCheck();
    form.at('type').add('INTERACTION_CALLBACK_TYPE_INVALID', 'This callback type does not fit the interaction.');
    form.done();
  }
  const data = isObject(body.data) ? body.data : {};
  const change = ANSWERS[type]?.(call, interaction, data) ?? {};
  const now = world.clock.now();
  const answered = type === CALLBACK.DEFER || type === CALLBACK.DEFER_UPDATE ? null : now;
  const done = updateInteraction(world, interaction.id, { callback: type, acknowledged: now, answered, ...change });
  if (call.query.get('with_response') !== 'true' || done === undefined) return noContent;
  return ok(callbackResource(world, done));
}

/** What each callback type does; returns what changes on the interaction. */
const ANSWERS: Record<number, (call: Call, interaction: Interaction, data: JsonObject) => Partial<Interaction>> = {
  [CALLBACK.REPLY](call, interaction, data) {
    const ephemeral = (Number(data.flags ?? 0) & FLAG.EPHEMERAL) !== 0;
    checkMessage(data, { files: call.files });
    const message = answerMessage(call, interaction, data, { ephemeral });
    return { original_id: message.id, ephemeral };
  },
  [CALLBACK.DEFER](call, interaction, data) {
    const ephemeral = (Number(data.flags ?? 0) & FLAG.EPHEMERAL) !== 0;
    const message = answerMessage(call, interaction, {}, { ephemeral, flags: FLAG.LOADING });
    return { original_id: message.id, ephemeral };
  },
  [CALLBACK.DEFER_UPDATE]: (_call, interaction) => ({ original_id: interaction.source_id }),
  [CALLBACK.UPDATE](call, interaction, data) {
    const { world } = call;
    const source = world.store.get('messages', interaction.source_id ?? '');
    if (source === undefined) throw refusal(10008);
    checkMessage(data, { files: call.files, old: source });
    editMessage(world, source, data, attach({ ...call, body: data }));
    return { original_id: source.id };
  },
  [CALLBACK.CHOICES](_call, _interaction, data) {
    const form = new FormCheck().at('data', 'choices');
    form.length(list(data.choices).length, 0, 25);
    form.done();
    return { choices: list(data.choices).filter(isObject) };
  },
  [CALLBACK.MODAL](_call, _interaction, data) {
    checkModal(data);
    return { modal: { ...data, components: numberComponents(data.components) }, modal_open: true };
  },
};

function answerMessage(
  call: Call,
  interaction: Interaction,
  body: JsonObject,
  {
    ephemeral,
    flags = 0,
    under = interaction.source_id,
  }: { ephemeral: boolean; flags?: number; under?: string | null },
): Message {
  const { world } = call;
  const { command_name: name } = interaction;
  const channel = findChannel(world, interaction.channel_id);
  const type = interaction.data.type === COMMAND.CHAT_INPUT ? CHAT_INPUT_COMMAND : CONTEXT_MENU_COMMAND;
  const { message_reference: _, ...own } = body;
  return createMessage(world, {
    channel,
    authorId: world.bot.id,
    body: own,
    ...(under === null ? {} : { under }),
    ...(under === null && name !== undefined ? { type } : {}),
    flags,
    webhookId: world.application.id,
    interaction: answeredInteraction(interaction),
    ephemeralFor: ephemeral ? interaction.user_id : null,
    attachments: attach({ ...call, body }),
  });
}

/** A follow-up; the first one after a deferred answer takes that answer's place. */
export function followUp(call: Call): Answer {
  const { world, body } = call;
  const interaction = byToken(call);
  const original = interaction.original_id === null ? undefined : world.store.get('messages', interaction.original_id);
  if (original !== undefined && (original.flags & FLAG.LOADING) !== 0) {
    return ok(messageObject(world.store, editOwn(call, interaction, original)));
  }
  const ephemeral = (Number(body.flags ?? 0) & FLAG.EPHEMERAL) !== 0;
  checkMessage(body, { files: call.files });
  const message = answerMessage(call, interaction, body, { ephemeral, under: interaction.original_id });
  const followups = [...interaction.followups, message.id];
  updateInteraction(world, interaction.id, { followups, answered: interaction.answered ?? world.clock.now() });
  return ok(messageObject(world.store, message));
}

/** The message that a path names among the answers of its token. */
export function findAnswer(call: Call): Message {
  return named(call).message;
}

export function editAnswer(call: Call): Message {
  const { interaction, message } = named(call);
  return editOwn(call, interaction, message);
}

export function removeAnswer(call: Call): void {
  const { interaction, message } = named(call);
  deleteMessage(call.world, message);
  settle(call.world, interaction);
}

function editOwn(call: Call, interaction: Interaction, message: Message): Message {
  const { world, body, files } = call;
  checkMessage(body, { files, old: message });
  const edited = editMessage(world, message, body, attach(call));
  settle(world, interaction);
  return edited;
}

function settle(world: World, interaction: Interaction): void {
  const current = world.store.get('interactions', interaction.id);
  if (current === undefined) return;
  updateInteraction(world, interaction.id, { answered: current.answered ?? world.clock.now() });
}

/** The interaction of a token that still serves: answered before, not older than 15 minutes. */
function byToken(call: Call): Interaction {
  const { world } = call;
  const interaction = world.store.interactionByToken(param(call, 'token'));
  const known = interaction !== undefined && param(call, 'webhook') === world.application.id;
  if (!known || interaction.callback === null) throw refusal(10015);
  if (tokenIsOver(world, interaction)) throw refusal(50027);
  return interaction;
}

/** The message that a webhook path names: `@original` or a message of the same interaction. */
function named(call: Call): { interaction: Interaction; message: Message } {
  const interaction = byToken(call);
  const id = call.params.message ?? interaction.original_id;
  const own = id !== null && (id === interaction.original_id || interaction.followups.includes(id));
  const message = own ? call.world.store.get('messages', id) : undefined;
  if (message === undefined) throw refusal(10008);
  return { interaction, message };
}

/** The body of `?with_response=true` (docs: "Interaction Callback Response Object"). */
function callbackResource(world: World, interaction: Interaction): JsonObject {
  const message = interaction.original_id === null ? undefined : world.store.get('messages', interaction.original_id);
  const type = interaction.callback;
  const carries = type === CALLBACK.REPLY || type === CALLBACK.DEFER || type === CALLBACK.UPDATE;
  const about =
    message !== undefined && carries
      ? {
          response_message_id: message.id,
          response_message_loading: (message.flags & FLAG.LOADING) !== 0,
          response_message_ephemeral: message.ephemeral_for !== null,
        }
      : {};
  const channel: Channel | undefined = world.store.get('channels', interaction.channel_id);
  const place = {
    channel_id: channel?.id,
    ...(interaction.guild_id === null ? {} : { guild_id: interaction.guild_id }),
  };
  // A deferred answer is named, but shown only once it is filled in.
  const resource =
    message !== undefined && carries && type !== CALLBACK.DEFER
      ? { resource: { type, message: messageObject(world.store, message) } }
      : {};
  return { interaction: { id: interaction.id, type: interaction.type, ...about, ...place }, ...resource };
}
