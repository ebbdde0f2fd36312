import type { JsonObject } from '../json.ts';
import { COMMAND } from '../rules/command.ts';
import { FLAG } from '../rules/message.ts';
import type { Message } from '../state/model.ts';
import type { Actions, PendingCommand } from './actions.ts';
import { attachmentBox } from './attachments.ts';
import { type Child, el, icon, present } from './dom.ts';
import { embedBox } from './embed.ts';
import { inlineMarkdown, markdown } from './markdown.ts';
import { componentsOf, usedLine } from './message-components.ts';
import { reactionRow, threadLink, toolBar } from './message-tools.ts';
import { appTag, avatar, nameOf, rolesOfMember, tint } from './people.ts';
import type { Session } from './session.ts';
import { type TextKey, text } from './texts.ts';
import { format, whenShort } from './time.ts';

/** How long an application may leave a deferred answer open (docs: interactions, "Followup Messages"). */
const TOKEN_MS = 15 * 60_000;

/** What Discord itself says, by message type (docs: resources/message, "Message Types"). */
const NOTICES: Record<number, TextKey> = {
  6: 'notice.pinned',
  7: 'notice.joined',
  18: 'notice.thread',
  21: 'notice.thread-start',
};

function noticeLine(key: TextKey, { content }: Message): HTMLElement {
  return el('p', { class: 'notice' }, text(key, { content }));
}

/** Messages of one author that come within this time stand together. */
const TOGETHER_MS = 7 * 60_000;

/** True when a message stands under the same head as the one before it. */
export function follows(message: Message, before: Message | undefined): boolean {
  if (before === undefined || message.message_reference !== undefined || message.interaction?.name !== undefined)
    return false;
  const apart = Date.parse(message.timestamp) - Date.parse(before.timestamp);
  const same =
    message.author_id === before.author_id && (message.ephemeral_for === null) === (before.ephemeral_for === null);
  return same && message.webhook_id === before.webhook_id && apart < TOGETHER_MS;
}

/** A name in its role's colour; a press shows more about the member. */
export function nameBox(session: Session, userId: string, name = nameOf(session, userId)): HTMLElement {
  const colour = rolesOfMember(session, session.memberOf(userId)).find(({ color }) => color !== 0)?.color ?? 0;
  return tint(el('bdi', { class: 'name' }, name), colour);
}

/** A message as the member sees it. */
export function messageBox(session: Session, actions: Actions, message: Message, together: boolean): HTMLElement {
  const date = new Date(message.timestamp);
  const bot = session.mirror.get('users', message.author_id)?.bot ?? message.webhook_id !== undefined;
  const loading = (message.flags & FLAG.LOADING) !== 0;
  const whole = format(date, { dateStyle: 'full', timeStyle: 'medium' });
  const time = el('time', { datetime: date.toISOString(), title: whole }, whenShort(date));
  const author = message.webhook_author?.username ?? nameOf(session, message.author_id);
  const notice = NOTICES[message.type];
  const about = { session, actions, message };
  const suppressed = (message.flags & FLAG.SUPPRESS_EMBEDS) !== 0;
  const box = el(
    'article',
    {
      class: 'message',
      'aria-label': text('message.label', { name: author, time: whenShort(date) }),
    },
    contextLine(session, message),
    together
      ? el(
          'time',
          { class: 'aside-time', datetime: date.toISOString(), title: whole },
          format(date, { timeStyle: 'short' }),
        )
      : avatar(session, message.author_id, author),
    el(
      'div',
      { class: 'message-body' },
      !together &&
        el('div', { class: 'message-head' }, nameBox(session, message.author_id, author), bot && appTag(), time),
      loading
        ? thinking(session, message)
        : notice === undefined
          ? content(session, message)
          : noticeLine(notice, message),
      ...(suppressed ? [] : message.embeds).map((embed) => embedBox(session, embed)),
      ...ownAttachments(message).map(attachmentBox),
      componentsOf(session, actions, message),
      reactionRow(about),
      threadLink(about),
      message.ephemeral_for !== null && ephemeralNote(() => actions.dismiss(message.id)),
    ),
  );
  box.append(...present([toolBar(about, box.querySelector<HTMLElement>('.message-body') ?? box)]));
  box.dataset.id = message.id;
  box.classList.toggle('together', together);
  box.classList.toggle('ephemeral', message.ephemeral_for !== null);
  box.classList.toggle('meant', message.author_id !== session.userId && session.isMeant(message));
  return box;
}

/** The files that are shown by themselves: not those that an embed or a component shows. */
function ownAttachments({ attachments, embeds, components }: Message): JsonObject[] {
  const elsewhere = JSON.stringify([embeds, components]);
  return attachments.filter(
    ({ url, filename }) =>
      !elsewhere.includes(JSON.stringify(url)) && !elsewhere.includes(`"attachment://${filename}"`),
  );
}

function content(session: Session, message: Message): HTMLElement | null {
  const edited = message.edited_timestamp !== null;
  if (message.content === '' && !edited) return null;
  const body = markdown(session, message.content);
  if (edited) {
    const when = format(new Date(message.edited_timestamp ?? ''), { dateStyle: 'full', timeStyle: 'medium' });
    (body.lastElementChild ?? body).append(el('span', { class: 'edited', title: when }, text('message.edited')));
  }
  return body;
}

/** What a message is an answer to: a command, or another message. */
function contextLine(session: Session, message: Message): HTMLElement | null {
  const { interaction, message_reference: reference } = message;
  if (interaction?.name !== undefined) {
    const slash = (interaction.command_type ?? COMMAND.CHAT_INPUT) === COMMAND.CHAT_INPUT ? '/' : '';
    return usedLine(nameBox(session, interaction.user_id), `${slash}${interaction.name}`);
  }
  if (reference?.message_id === undefined || NOTICES[message.type] !== undefined) return null;
  const answered = session.mirror.loaded(message.channel_id)?.messages.find(({ id }) => id === reference.message_id);
  const about: Child[] =
    answered === undefined
      ? [el('i', {}, text('message.reply-gone'))]
      : [nameBox(session, answered.author_id), inlineMarkdown(session, excerpt(answered))];
  return el('div', { class: 'context-line' }, icon('reply'), ...about);
}

function excerpt({ content, embeds }: Message): string {
  const whole = content || String(embeds[0]?.title ?? embeds[0]?.description ?? text('message.no-text'));
  return whole.split('\n')[0] ?? '';
}

function thinking(session: Session, message: Message): HTMLElement {
  const over = Date.now() - Date.parse(message.timestamp) > TOKEN_MS / session.mirror.speed;
  if (over) return failure(text('message.no-response'));
  const name = nameOf(session, message.author_id);
  return el(
    'div',
    { class: 'thinking' },
    el('span', { class: 'dots', 'aria-hidden': 'true' }, '●●●'),
    text('message.thinking', { name }),
  );
}

function failure(reason: string): HTMLElement {
  return el('p', { class: 'problem' }, icon('away'), reason);
}

function ephemeralNote(dismiss: () => void): HTMLElement {
  const button = el('button', { type: 'button', class: 'link-button', onclick: dismiss }, text('message.dismiss'));
  return el('p', { class: 'ephemeral-note' }, text('message.only-you'), ' • ', button);
}

/** A command that is not answered yet, or failed: only its member sees it. */
export function pendingBox(
  session: Session,
  actions: Actions,
  { key, user, shown, error }: PendingCommand,
): HTMLElement {
  const botId = session.bot?.id ?? '';
  const state = error === null ? el('p', { class: 'soft' }, text('message.sending')) : failure(error);
  const box = el(
    'article',
    { class: 'message ephemeral', 'data-id': key },
    usedLine(nameBox(session, user), shown),
    avatar(session, botId),
    el(
      'div',
      { class: 'message-body' },
      el('div', { class: 'message-head' }, nameBox(session, botId), appTag()),
      state,
      error !== null && ephemeralNote(() => actions.dismiss(key)),
    ),
  );
  return box;
}
