import type { Finding } from '../../../platform/doctor/finding.ts';
import type { FirstRunState, FlowName } from '../state.ts';
import type { Answer } from './api.ts';
import { element, outside } from './dom.ts';
import { button, findingList, numbered, secretField, select, why } from './parts.ts';
import { fill, texts } from './texts.ts';

export type Mark = 'open' | 'done' | 'wrong';

/** What a step may do with the page. */
export interface Tools {
  /** Does an action, shows what came of it in the step, and renders the new state. */
  act(action: string, body?: object, said?: (answer: Answer) => (Node | string)[]): Promise<void>;
  checkAgain(): void;
}

/** One step of the first run: how far it is, and what is in it. */
export interface Step {
  id: string;
  heading: string;
  mark(state: FirstRunState): Mark;
  /** What it shows; drawn anew only when this changes. */
  shows(state: FirstRunState): unknown;
  render(state: FirstRunState, tools: Tools): (Node | null)[];
}

const PORTAL = 'https://discord.com/developers/applications';

/** The checks whose findings belong to a step. */
const APPLICATION_CHECKS = ['application', 'public-key', 'client-secret', 'endpoint', 'invite'];
const NAME_CHECKS = ['channel', 'role', 'role-order', 'approver-roles'];

/** Findings by their checks' names. */
function of(state: FirstRunState, ...checks: string[]): Finding[] {
  return state.findings.filter(({ id }) => checks.includes(id.split(':')[0] ?? ''));
}

function markOf(findings: Finding[], done: boolean): Mark {
  if (findings.some(({ state }) => state === 'problem')) return 'wrong';
  return done ? 'done' : 'open';
}

const channelChoices = (state: FirstRunState) =>
  state.channels.map(({ id, name, category }) => ({ id, name: `#${name}`, group: category }));

/** Every step, in the order in which they are done. */
export const STEPS: readonly Step[] = [
  {
    id: 'token',
    heading: texts.token.heading,
    mark: (state) => markOf(of(state, 'token'), state.bot !== null),
    shows: (state) => [state.bot, of(state, 'token'), state.mode],
    render: (state, { act }) => {
      const field = secretField(
        'token',
        texts.token.label,
        texts.token.button,
        (token) => void act('token', { token }),
      );
      if (!state.bot) return [why(texts.token.why), numbered(texts.token.steps, { portal: PORTAL }), field];
      const { name, avatar, tokenEnd, application } = state.bot;
      const picture = avatar
        ? element('img', { src: avatar, alt: '', width: 48, height: 48 })
        : element('span', { class: 'avatar', 'aria-hidden': 'true' }, name.slice(0, 1).toUpperCase() || '?');
      return [
        element(
          'div',
          { class: 'bot' },
          picture,
          element(
            'div',
            {},
            element('strong', {}, name || '?'),
            element('span', {}, fill(texts.token.of, { application })),
            element('span', { class: 'saved' }, fill(texts.token.saved, { end: tokenEnd })),
          ),
        ),
        findingList(of(state, 'token'), false),
        element(
          'details',
          {},
          element('summary', {}, texts.token.replace),
          numbered(texts.token.steps.slice(1), { portal: state.portal || PORTAL }),
          field,
          state.mode === 'demo'
            ? button(texts.token.forget, () => void act('forget', {}, () => [texts.token.forgotten]), 'quiet')
            : null,
        ),
      ];
    },
  },
  {
    id: 'application',
    heading: texts.application.heading,
    mark: (state) => markOf(of(state, ...APPLICATION_CHECKS), state.publicKey !== ''),
    shows: (state) => [
      state.bot?.applicationId,
      state.publicKey,
      state.clientSecretEnd,
      of(state, ...APPLICATION_CHECKS),
    ],
    render: (state, { act, checkAgain }) => [
      why(texts.application.why),
      element(
        'dl',
        {},
        element('dt', {}, texts.application.id),
        element('dd', {}, element('code', {}, state.bot?.applicationId ?? '')),
        element('dt', {}, texts.application.key),
        element('dd', {}, element('code', {}, state.publicKey)),
      ),
      findingList(of(state, ...APPLICATION_CHECKS), false),
      button(texts.page.checkAgain, checkAgain, 'quiet'),
      element('h3', {}, texts.application.secretHeading),
      state.clientSecretEnd
        ? element('p', { class: 'saved' }, fill(texts.application.secretSaved, { end: state.clientSecretEnd }))
        : null,
      why(texts.application.secretWhy),
      secretField(
        'client-secret',
        texts.application.secretLabel,
        texts.application.secretButton,
        (secret) => void act('client-secret', { secret }),
      ),
    ],
  },
  {
    id: 'intents',
    heading: texts.intents.heading,
    mark: (state) => markOf(of(state, 'intents'), of(state, 'intents').length > 0),
    shows: (state) => [of(state, 'intents'), state.portal],
    render: (state, { checkAgain }) => [
      why(texts.intents.why),
      findingList(of(state, 'intents')),
      state.portal && markOf(of(state, 'intents'), true) === 'wrong'
        ? outside(`${state.portal}/bot`, `${state.portal}/bot`)
        : null,
      button(texts.page.checkAgain, checkAgain, 'quiet'),
    ],
  },
  {
    id: 'server',
    heading: texts.server.heading,
    mark: (state) => markOf(of(state, 'server', 'server-permissions'), state.guild !== null),
    shows: (state) => [state.guilds, state.guild, state.invite, of(state, 'server', 'server-permissions')],
    render: (state, { act, checkAgain }) => {
      const chosen = state.guild?.id;
      const choices = state.guilds.map(({ id, name }) =>
        element(
          'label',
          { class: 'choice' },
          element('input', {
            type: 'radio',
            name: 'guild',
            value: id,
            checked: id === chosen,
            disabled: state.mode !== 'demo',
            onchange: () => void act('guild', { guild: id }),
          }),
          name,
        ),
      );
      return [
        why(fill(texts.server.why, { permissions: state.invite?.permissions ?? '' })),
        numbered(texts.server.steps),
        state.invite ? element('p', {}, outside(state.invite.link, texts.server.invite, 'button')) : null,
        choices.length === 0
          ? element('p', { class: 'waiting', role: 'status' }, texts.server.waiting)
          : element('fieldset', {}, element('legend', {}, texts.server.choose), ...choices),
        findingList(of(state, 'server', 'server-permissions'), false),
        button(texts.page.checkAgain, checkAgain, 'quiet'),
      ];
    },
  },
  {
    id: 'names',
    heading: texts.names.heading,
    mark: (state) => markOf(of(state, ...NAME_CHECKS), state.guild !== null),
    shows: (state) => [state.names, state.channels, state.roles, of(state, ...NAME_CHECKS)],
    render: (state, tools) => {
      const { channels, roles } = state.names;
      if (channels.length + roles.length === 0) return [why(texts.names.nothing)];
      return [
        why(texts.names.why),
        ...roles.map((role) => nameField('roles', role, state.roles, tools)),
        ...channels.map((channel) => nameField('channels', channel, channelChoices(state), tools)),
        findingList(of(state, ...NAME_CHECKS)),
        button(texts.page.checkAgain, tools.checkAgain, 'quiet'),
      ];
    },
  },
  {
    id: 'test',
    heading: texts.test.heading,
    mark: (state) => (state.testedChannel ? 'done' : 'open'),
    shows: (state) => [state.channels, state.testedChannel],
    render: (state, { act }) => {
      const first = state.testedChannel || state.names.channels.find(({ id }) => id)?.id || '';
      const channel = select('test-channel', texts.test.channel, channelChoices(state), first);
      const text = element('textarea', { id: 'test-text', rows: 2, maxlength: 500 }, texts.test.default);
      const send = (event: Event) => {
        event.preventDefault();
        void act('test', { channel: channel.made.value, text: text.value }, ({ sent }) =>
          sent
            ? [
                fill(texts.test.sent, { channel: sent.channel }),
                element('blockquote', {}, element('strong', {}, sent.author), element('span', {}, sent.content)),
                outside(sent.link, texts.test.see),
              ]
            : [],
        );
      };
      return [
        why(texts.test.why),
        state.testedChannel ? element('p', { class: 'saved' }, texts.test.before) : null,
        element(
          'form',
          { class: 'field', onsubmit: send },
          ...channel.field,
          element('label', { for: 'test-text' }, texts.test.text),
          text,
          element('button', { type: 'submit' }, texts.test.button),
        ),
      ];
    },
  },
];

/** What flows call a channel or a role, with the server's own to choose from. */
function nameField(
  kind: 'channels' | 'roles',
  { name, label: called, nodes, id, needed }: FlowName,
  choices: { id: string; name: string; group?: string }[],
  { act }: Tools,
): HTMLElement {
  const label = fill(kind === 'channels' ? texts.names.channel : texts.names.role, { name: called });
  const { made, field } = select(`${kind}-${name}`, label, choices, id);
  made.addEventListener('change', () => void act('name', { kind, name, id: made.value }, () => [texts.names.saved]));
  const create = () => void act('channel', { name }, () => [texts.names.created]);
  return element(
    'div',
    { class: id || !needed ? 'field' : 'field missing' },
    ...field,
    element('p', { class: 'hint' }, fill(texts.names.usedBy, { nodes: [...new Set(nodes)].join(', ') })),
    id ? null : element('p', { class: 'hint' }, needed ? texts.names.none : texts.names.optional),
    id || kind === 'roles' ? null : button(fill(texts.names.create, { name: called }), create, 'quiet'),
    id || kind === 'roles' ? null : element('p', { class: 'hint' }, texts.names.createHint),
  );
}
