import { COMMAND } from '../rules/command.ts';
import type { Command, Member } from '../state/model.ts';
import type { Actions } from './actions.ts';
import { el, fill, iconButton } from './dom.ts';
import { nameBox } from './message.ts';
import { appTag, avatar, nameOf, rolesOfMember, tint } from './people.ts';
import type { Session } from './session.ts';
import { text } from './texts.ts';
import { format } from './time.ts';

/** How often a long list is drawn anew at most. */
const PAUSE_MS = 150;

type Attempt = (what: () => Promise<unknown>) => Promise<void>;

/** The open guild's members under their highest shown role. A press on one shows its card. */
export function memberList(session: Session, actions: Actions, attempt: Attempt): HTMLElement {
  const list = el('aside', { class: 'members', 'aria-label': text('members.label') });
  const card = memberCard(session, actions, attempt);
  const join = joinForm(actions, attempt);
  const draw = paced(() => {
    fill(list, ...groups(session, card.open), join);
    card.draw();
  });
  session.mirror.watch(['people', 'channels', 'chosen'], draw);
  document.body.append(card.element);
  return list;
}

/** The same, at most every so often: a run of changes is drawn in few steps. */
function paced(draw: () => void): () => void {
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    const wait = last + PAUSE_MS - performance.now();
    if (wait > 0) {
      timer = setTimeout(run, wait);
      return;
    }
    run();
  };
  function run(): void {
    last = performance.now();
    draw();
  }
}

function groups(session: Session, open: (userId: string) => void): HTMLElement[] {
  const { channel } = session;
  const all = session
    .members()
    .filter((member) => channel === undefined || channel.guild_id === null || session.sees(channel, member));
  const shown = session.roles().filter(({ hoist }) => hoist);
  const byGroup = new Map<string, Member[]>([...shown.map(({ id }): [string, Member[]] => [id, []]), ['', []]]);
  for (const member of all) {
    const role = shown.find(({ id }) => member.roles.includes(id))?.id ?? '';
    byGroup.get(role)?.push(member);
  }
  return [...byGroup].flatMap(([id, members]) => {
    if (members.length === 0) return [];
    const name = session.mirror.get('roles', id)?.name ?? text('members.others');
    const rows = members.map((member) => memberRow(session, member, open));
    return [el('section', { 'aria-label': name }, el('h2', {}, `${name} — ${members.length}`), ...rows)];
  });
}

function memberRow(session: Session, member: Member, open: (userId: string) => void): HTMLElement {
  const id = member.user_id;
  const user = session.mirror.get('users', id);
  const roles = rolesOfMember(session, member).map(({ name, color }) =>
    tint(el('span', { class: 'role' }, name), color),
  );
  const row = el(
    'button',
    { type: 'button', class: 'member', onclick: () => open(id), 'aria-current': id === session.userId ? 'true' : null },
    avatar(session, id),
    el(
      'span',
      { class: 'member-text' },
      el(
        'span',
        { class: 'member-name' },
        nameBox(session, id),
        user?.bot && appTag(),
        id === session.userId && el('span', { class: 'you' }, text('members.you')),
      ),
      el('span', { class: 'roles' }, ...roles),
    ),
  );
  row.dataset.key = `member ${id}`;
  return row;
}

/** Lets somebody new join, or somebody known from the other guild. */
function joinForm(actions: Actions, attempt: Attempt): HTMLElement {
  const field = el('input', {
    class: 'field',
    'aria-label': text('members.join-label'),
    placeholder: text('members.join-placeholder'),
    minlength: 2,
    maxlength: 32,
    required: true,
    autocomplete: 'off',
  });
  field.dataset.key = 'join';
  const form = el('form', { class: 'join' }, field, el('button', { class: 'button secondary' }, text('members.join')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const username = field.value.trim();
    field.value = '';
    void attempt(() => actions.act('join', { username }));
  });
  return form;
}

/** What there is to know about a member, and what a moderator can do. */
function memberCard(session: Session, actions: Actions, attempt: Attempt) {
  let shown: string | null = null;
  const element = el('dialog', { class: 'card', 'aria-labelledby': 'card-name' });
  const close = () => element.close();
  element.addEventListener('close', () => {
    shown = null;
  });
  element.addEventListener('click', (event) => event.target === element && close());

  const draw = () => {
    const member = shown === null ? undefined : session.memberOf(shown);
    if (shown === null || member === undefined) return close();
    const id = shown;
    const user = session.mirror.get('users', id);
    const closed = session.mirror.get('closedDms', id) !== undefined;
    fill(
      element,
      el(
        'div',
        { class: 'card-head' },
        avatar(session, id),
        el(
          'div',
          {},
          el('h2', { id: 'card-name' }, nameBox(session, id), user?.bot && appTag()),
          el('p', { class: 'soft' }, user?.username ?? ''),
        ),
        iconButton('close', text('close'), { onclick: close, 'data-key': 'close' }),
      ),
      el(
        'p',
        { class: 'soft' },
        text('card.joined', { date: format(new Date(member.joined_at), { dateStyle: 'long' }) }),
      ),
      el('p', { class: 'soft' }, text('card.id', { id })),
      el('h3', {}, text('card.roles')),
      el('div', { class: 'roles' }, ...roleSwitches(id)),
      ...commandButtons(id),
      user?.bot !== true &&
        el(
          'div',
          { class: 'card-actions' },
          id !== session.userId && button(text('card.be'), 'primary', () => be(id)),
          button(text(closed ? 'card.open-dms' : 'card.close-dms'), 'secondary', () =>
            attempt(() => actions.act('faults', { as: undefined, channel: undefined, member: id, dmsClosed: !closed })),
          ),
          button(text('card.leave'), 'danger', () => attempt(() => actions.act('leave', { as: id }))),
        ),
    );
  };

  /** The commands that can be used on a member. */
  const commandButtons = (id: string): HTMLElement[] => {
    const commands = session.commands(COMMAND.USER);
    if (commands.length === 0) return [];
    const use = (command: Command) => {
      close();
      void actions.useOn(command, { user: id });
    };
    const buttons = commands.map((command) => button(command.name, 'secondary', () => use(command)));
    return [el('h3', {}, text('card.commands')), el('div', { class: 'card-actions' }, ...buttons)];
  };

  const be = (id: string) => {
    session.be(id);
    close();
  };

  /** Each role as a switch, as moderators give and take them. */
  const roleSwitches = (id: string): HTMLElement[] =>
    session.roles().map((role) => {
      const has = session.memberOf(id)?.roles.includes(role.id) === true;
      const box = el('input', { type: 'checkbox', checked: has, disabled: role.managed });
      box.dataset.key = `role ${role.id}`;
      box.addEventListener('change', () =>
        attempt(() => actions.act('roles', { as: id, [has ? 'remove' : 'add']: [role.id] })),
      );
      return tint(el('label', { class: has ? 'role has' : 'role' }, box, role.name), role.color);
    });

  return {
    element,
    draw() {
      if (shown !== null) draw();
    },
    open(userId: string) {
      shown = userId;
      draw();
      element.showModal();
    },
  };
}

function button(label: string, style: string, run: () => unknown): HTMLElement {
  const element = el('button', { type: 'button', class: `button ${style}`, onclick: run }, label);
  element.dataset.key = label;
  return element;
}

/** Who the person at the page is, with the choice to be somebody else. */
export function personPanel(session: Session, ...tools: HTMLElement[]): HTMLElement {
  const trigger = el('button', { type: 'button', class: 'person', 'aria-haspopup': 'dialog' });
  const list = el('div', { class: 'people' });
  const search = el('input', {
    class: 'field',
    type: 'search',
    'aria-label': text('person.search'),
    placeholder: text('person.search'),
    autocomplete: 'off',
  });
  const dialog = el('dialog', { class: 'card', 'aria-labelledby': 'person-title' });
  const close = () => dialog.close();
  dialog.append(
    el(
      'div',
      { class: 'card-head' },
      el('h2', { id: 'person-title' }, text('person.choose')),
      iconButton('close', text('close'), { onclick: close }),
    ),
    search,
    list,
  );
  dialog.addEventListener('click', (event) => event.target === dialog && close());
  const choose = (id: string) => {
    session.be(id);
    close();
  };
  const draw = () => {
    fill(
      trigger,
      avatar(session, session.userId),
      el(
        'span',
        { class: 'person-text' },
        el('span', { class: 'soft' }, text('person.you-are')),
        nameBox(session, session.userId),
      ),
    );
    trigger.setAttribute('aria-label', text('person.label', { name: nameOf(session, session.userId) }));
    if (!dialog.open) return;
    const wanted = search.value.trim().toLocaleLowerCase();
    const fits = ({ user_id: id }: Member) => {
      const user = session.mirror.get('users', id);
      const names = `${nameOf(session, id)} ${user?.username ?? ''} ${rolesOfMember(session, session.memberOf(id)).map(({ name }) => name)}`;
      return user?.bot !== true && names.toLocaleLowerCase().includes(wanted);
    };
    fill(
      list,
      ...session
        .members()
        .filter(fits)
        .map((member) => memberRow(session, member, choose)),
    );
  };
  search.addEventListener('input', draw);
  search.addEventListener('keydown', (event) => {
    const first = list.querySelector<HTMLElement>('button');
    if (event.key === 'Enter') first?.click();
    else if (event.key === 'ArrowDown') first?.focus();
    else return;
    event.preventDefault();
  });
  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const rows = [...list.querySelectorAll('button')];
    const next = rows.indexOf(document.activeElement as HTMLButtonElement) + step;
    (rows[next] ?? search).focus();
  });
  trigger.addEventListener('click', () => {
    search.value = '';
    dialog.showModal();
    draw();
    search.focus();
  });
  session.mirror.watch(['people', 'chosen'], draw);
  document.body.append(dialog);
  return el('div', { class: 'person-panel' }, trigger, ...tools);
}
