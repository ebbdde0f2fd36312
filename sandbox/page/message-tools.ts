import { isThread } from '../rules/channel.ts';
import { COMMAND } from '../rules/command.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Command, Message } from '../state/model.ts';
import type { Actions } from './actions.ts';
import { el, icon, iconButton } from './dom.ts';
import { nameOf } from './people.ts';
import { place } from './select-menu.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';

/** What members do to messages: react, edit, delete, open their threads. */

const COMMON_EMOJIS = ['👍', '👎', '❤️', '🎉', '😄', '🚀', '✅', '❌', '👀', '🏁'];

interface About {
  session: Session;
  actions: Actions;
  message: Message;
}

/** The reactions of a message; a press joins one or takes it back. */
export function reactionRow({ session, actions, message }: About): HTMLElement | null {
  const { reactions = [] } = message;
  if (reactions.length === 0) return null;
  const buttons = reactions.map(({ emoji, users }) => {
    const own = users.includes(session.userId);
    const names = users.map((id) => nameOf(session, id)).join(', ');
    const button = el(
      'button',
      {
        type: 'button',
        class: 'reaction',
        'aria-pressed': String(own),
        title: names,
        'aria-label': text('reaction.label', { emoji, names }),
      },
      el('span', { class: 'emoji' }, emoji),
      String(users.length),
    );
    button.dataset.key = `reaction ${emoji}`;
    button.addEventListener('click', () => actions.attempt('react', { message: message.id, emoji, remove: own }));
    return button;
  });
  return el('div', { class: 'reactions' }, ...buttons);
}

/** The way to the thread that was started from a message. */
export function threadLink({ session, message }: About): HTMLElement | null {
  const { message_reference: reference } = message;
  const thread =
    session.mirror.get('channels', message.id) ?? session.mirror.get('channels', reference?.channel_id ?? '');
  if (thread === undefined || !isThread(thread) || !session.sees(thread) || thread.id === session.place) return null;
  return el(
    'button',
    { type: 'button', class: 'thread-link', onclick: () => session.open(thread.id) },
    icon('thread'),
    thread.name,
  );
}

/** Buttons that appear where a message is pointed at or has the focus. */
export function toolBar(about: About, body: HTMLElement): HTMLElement | null {
  const { session, actions, message } = about;
  const { channel } = session;
  if (channel === undefined || message.ephemeral_for !== null) return null;
  const bits = session.permissions(channel);
  const own = message.author_id === session.userId;
  const may = (permission: bigint) => channel.guild_id === null || allows(bits, permission);
  const tools = [
    may(PERMISSION.ADD_REACTIONS) && emojiPicker(about),
    commandMenu(about),
    own && iconButton('edit', text('message.edit'), { onclick: () => editIn(about, body) }),
    (own || (channel.guild_id !== null && allows(bits, PERMISSION.MANAGE_MESSAGES))) &&
      iconButton('delete', text('message.delete'), {
        onclick: () => actions.attempt('delete', { message: message.id }),
      }),
  ];
  if (tools.every((tool) => tool === false)) return null;
  return el('div', { class: 'message-tools', role: 'group', 'aria-label': text('message.tools') }, ...tools);
}

/** The commands that can be used on a message. */
function commandMenu({ session, actions, message }: About): HTMLElement | false {
  const commands = session.commands(COMMAND.MESSAGE);
  if (commands.length === 0) return false;
  const popup = el('div', { class: 'popup command-menu', popover: 'auto' });
  const use = (command: Command) => {
    popup.hidePopover();
    void actions.useOn(command, { message: message.id });
  };
  const buttons = commands.map((command) =>
    el('button', { type: 'button', class: 'button secondary', onclick: () => use(command) }, command.name),
  );
  popup.append(...buttons);
  const trigger = iconButton('apps', text('message.commands'));
  trigger.popoverTargetElement = popup;
  popup.addEventListener('toggle', () => place(popup, trigger));
  return el('span', {}, trigger, popup);
}

function emojiPicker({ actions, message }: About): HTMLElement {
  const popup = el('div', { class: 'popup emoji-picker', popover: 'auto' });
  const react = (emoji: string) => {
    popup.hidePopover();
    void actions.attempt('react', { message: message.id, emoji });
  };
  const buttons = COMMON_EMOJIS.map((emoji) =>
    el(
      'button',
      { type: 'button', class: 'icon-button emoji', 'aria-label': emoji, onclick: () => react(emoji) },
      emoji,
    ),
  );
  const other = el('input', {
    class: 'field',
    'aria-label': text('reaction.other'),
    placeholder: text('reaction.other'),
    maxlength: 20,
    autocomplete: 'off',
  });
  other.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && other.value.trim() !== '') react(other.value.trim());
  });
  popup.append(...buttons, other);
  const button = iconButton('smile', text('message.react'));
  button.popoverTargetElement = popup;
  popup.addEventListener('toggle', () => place(popup, button));
  return el('span', {}, button, popup);
}

/** Turns a message's text into a field; Enter saves it, Escape leaves it as it was. */
function editIn({ actions, message }: About, body: HTMLElement): void {
  const shown = body.querySelector<HTMLElement>(':scope > .markdown');
  const field = el('textarea', {
    class: 'field editing',
    rows: 2,
    'aria-label': text('message.edit'),
    maxlength: 4000,
  });
  field.value = message.content;
  const hint = el('p', { class: 'soft edit-hint' }, text('message.edit-hint'));
  const editor = el('div', {}, field, hint);
  const leave = () => {
    if (shown === null) editor.remove();
    else editor.replaceWith(shown);
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      leave();
      if (field.value !== message.content) void actions.attempt('edit', { message: message.id, content: field.value });
    } else return;
    event.stopPropagation();
  });
  if (shown === null) body.append(editor);
  else shown.replaceWith(editor);
  field.focus();
}
