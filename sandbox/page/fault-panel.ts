import type { JsonObject } from '../json.ts';
import { PERMISSION } from '../rules/permissions.ts';
import { type Actions, ask } from './actions.ts';
import { el, fill } from './dom.ts';
import { nameOf } from './people.ts';
import type { Session } from './session.ts';
import { type TextKey, text } from './texts.ts';

type Fault = { id: string; [key: string]: unknown };
type Attempt = (what: () => Promise<unknown>) => Promise<void>;

const MESSAGES = 'POST /channels/:channel/messages';

/** One thing that can be made to go wrong and put right again. */
interface Preset {
  key: TextKey;
  about: TextKey;
  /** What there is to choose, as [value, name]; the first one is meant at first. */
  choices?: (session: Session) => [value: string, name: string][];
  body(session: Session, choice: string): JsonObject;
  /** True for the fault that this switched on. */
  is(fault: Fault, session: Session, choice: string): boolean;
}

/** Permissions that a bot commonly lacks come first. */
const COMMON = ['MANAGE_ROLES', 'SEND_MESSAGES', 'VIEW_CHANNEL', 'EMBED_LINKS', 'ATTACH_FILES', 'MANAGE_CHANNELS'];

const PRESETS: readonly Preset[] = [
  {
    key: 'fault.rate-limit',
    about: 'fault.rate-limit-about',
    body: () => ({ route: MESSAGES, retryAfter: 3 }),
    is: ({ route, retryAfter }) => route === MESSAGES && retryAfter !== undefined,
  },
  {
    key: 'fault.outage',
    about: 'fault.outage-about',
    body: () => ({ status: 503 }),
    is: ({ route, status }) => route === undefined && Number(status) >= 500,
  },
  {
    key: 'fault.hang',
    about: 'fault.hang-about',
    body: () => ({ hang: true }),
    is: ({ route, hang }) => route === undefined && hang === true,
  },
  {
    key: 'fault.slow',
    about: 'fault.slow-about',
    body: () => ({ delayMs: 2000 }),
    is: ({ route, delayMs, hang, status }) =>
      route === undefined && delayMs !== undefined && hang !== true && status === undefined,
  },
  {
    key: 'fault.away',
    about: 'fault.away-about',
    body: () => ({ gateway: 'away' }),
    is: ({ gateway }) => gateway === 'away',
  },
  {
    key: 'fault.dms',
    about: 'fault.dms-about',
    body: ({ userId }) => ({ member: userId, dmsClosed: true }),
    is: ({ member }, { userId }) => member === userId,
  },
  {
    key: 'fault.role',
    about: 'fault.role-about',
    // Lowest first: the highest stand above the bot's already.
    choices: (session) =>
      session
        .roles()
        .filter(({ managed }) => !managed)
        .toReversed()
        .map(({ id, name }) => [id, name]),
    body: ({ guild }, role) => ({ role, aboveBot: true, guild: guild.id }),
    is: ({ role }, _session, choice) => role === choice,
  },
  {
    key: 'fault.permission',
    about: 'fault.permission-about',
    choices: () => {
      const others = Object.keys(PERMISSION).filter((name) => !COMMON.includes(name));
      return [...COMMON, ...others].map((name) => [name, permissionName(name)]);
    },
    body: ({ guild }, permission) => ({ permission, guild: guild.id }),
    is: ({ permission, guild }, session, choice) => permission === choice && guild === session.guild.id,
  },
];

/** What happens once, at a press. */
const ONCE: { key: TextKey; body: JsonObject }[] = [
  { key: 'fault.drop', body: { gateway: 'drop' } },
  { key: 'fault.reconnect', body: { gateway: 'reconnect' } },
  { key: 'fault.invalidate', body: { gateway: 'invalidate' } },
];

/** A permission's name as Discord's settings write it. */
const permissionName = (name: string): string => text(`permission.${name as keyof typeof PERMISSION}`);

/** The switches for what goes wrong on purpose. */
export function faultPanel(session: Session, actions: Actions, attempt: Attempt): HTMLElement {
  const rows = PRESETS.map((preset) => presetRow(session, preset, attempt));
  const once = el('div', { class: 'once' });
  for (const { key, body } of ONCE) {
    const run = () => attempt(() => ask('faults', { method: 'POST', body }));
    once.append(el('button', { type: 'button', class: 'button secondary', onclick: run }, text(key)));
  }
  const reset = el('button', { type: 'button', class: 'button primary' }, text('fault.reset'));
  reset.addEventListener('click', () => attempt(() => ask('faults', { method: 'DELETE' })));
  const others = el('ul', { class: 'other-faults' });
  const draw = () => {
    const { faults } = session.mirror.status;
    for (const row of rows) row.draw();
    reset.disabled = faults.length === 0;
    const items = faults.map((fault) => {
      const end = () => attempt(() => endFault(fault));
      const button = el('button', { type: 'button', class: 'link-button', onclick: end }, text('fault.end'));
      button.dataset.key = fault.id;
      return el('li', {}, describeFault(session, fault), ' ', button);
    });
    fill(others, ...items);
  };
  session.mirror.watch(['status', 'people', 'chosen'], draw);
  void actions;
  return el(
    'div',
    { class: 'fault-panel' },
    el('div', { class: 'fault-head' }, el('p', {}, text('fault.intro')), reset),
    others,
    el('ul', { class: 'faults' }, ...rows.map(({ element }) => element)),
    el('h3', {}, text('fault.once')),
    once,
  );
}

function presetRow(session: Session, preset: Preset, attempt: Attempt): { element: HTMLElement; draw(): void } {
  const name = text(preset.key);
  const knob = el('button', {
    type: 'button',
    class: 'switch',
    role: 'switch',
    'aria-checked': 'false',
    'aria-label': name,
  });
  const select = preset.choices && el('select', { class: 'field', 'aria-label': name });
  const choice = () => select?.value ?? '';
  const active = () => session.mirror.status.faults.find((fault) => preset.is(fault, session, choice()));
  const about = el('p', { class: 'soft' });
  const draw = () => {
    if (select !== undefined) {
      const choices = preset.choices?.(session) ?? [];
      const chosen = select.value;
      const same = [...select.options].map(({ value }) => value).join() === choices.map(([value]) => value).join();
      if (!same) fill(select, ...choices.map(([value, label]) => el('option', { value }, label)));
      if (!same && choices.some(([value]) => value === chosen)) select.value = chosen;
    }
    knob.setAttribute('aria-checked', String(active() !== undefined));
    about.textContent = text(preset.about, { member: nameOf(session, session.userId) });
  };
  select?.addEventListener('change', draw);
  knob.addEventListener('click', () => {
    const fault = active();
    return attempt(() =>
      fault === undefined ? ask('faults', { method: 'POST', body: preset.body(session, choice()) }) : endFault(fault),
    );
  });
  return { element: el('li', {}, knob, el('div', {}, el('strong', {}, name), about), select), draw };
}

function endFault({ id }: Fault): Promise<JsonObject> {
  return ask(`faults?${new URLSearchParams({ id })}`, { method: 'DELETE' });
}

/** A fault in words. */
export function describeFault(session: Session, fault: Fault): string {
  const { route, status, retryAfter, delayMs, hang, gateway, member, permission, role, guild, times } = fault;
  const where = text('fault.says-where', { route: route === undefined ? text('fault.says-all') : String(route) });
  const place = session.mirror.get('guilds', String(guild))?.name ?? '';
  if (gateway !== undefined) return text('fault.away');
  if (member !== undefined) return text('fault.says-dms', { member: nameOf(session, String(member)) });
  if (permission !== undefined)
    return text('fault.says-permission', { permission: permissionName(String(permission)), guild: place });
  if (role !== undefined)
    return text('fault.says-role', { role: session.mirror.get('roles', String(role))?.name ?? '', guild: place });
  const what =
    hang === true
      ? text('fault.says-hang')
      : retryAfter !== undefined
        ? text('fault.says-429', { seconds: Number(retryAfter) })
        : status !== undefined
          ? text('fault.says-status', { status: Number(status) })
          : text('fault.says-late', { ms: Number(delayMs) });
  return `${where} ${what}${times === undefined ? '' : ` ${text('fault.says-times', { times: Number(times) })}`}`;
}
