import type { Community, Overview } from '../answers.ts';
import { element } from './dom.ts';
import { editor } from './red.ts';
import { type Mood, moodSign, Section } from './section.ts';
import { text } from './texts.ts';

type State = NonNullable<Community['commands']>[number]['state'] | 'unknown' | 'added' | 'changed' | 'removed';

const MOODS: Record<State, Mood> = {
  registered: 'good',
  differs: 'bad',
  missing: 'bad',
  extra: 'warn',
  unknown: 'calm',
  added: 'calm',
  changed: 'calm',
  removed: 'calm',
};

interface Row {
  path: string;
  state: State;
  /** The node that declares it, if the workspace has one. */
  node: string | null;
}

/** The commands that Discord has beside those that the deployed flows declare, and what the next deploy changes. */
export class CommandsSection extends Section {
  readonly #register: () => void;

  /** @param register has the program compare and register once more */
  constructor(register: () => void) {
    super('commands');
    this.#register = register;
  }

  update({ communities, home, problems }: Overview): void {
    const lists = communities.map((community) => ({ ...community, rows: rowsOf(community, home) }));
    this.show([lists, problems], () => {
      const states = lists.flatMap(({ rows }) => rows.map(({ state }) => state));
      const bad = states.filter((state) => MOODS[state] === 'bad' || MOODS[state] === 'warn').length;
      const isBad = bad > 0 || problems.length > 0;
      return {
        mood: isBad ? 'bad' : states.length > 0 ? 'good' : 'calm',
        summary: states.length > 0 ? String(states.length) : '',
        children: [
          ...problems.map((problem) => element('p', { class: 'guildhall-fix' }, problem)),
          ...lists.flatMap(({ id, name, rows }) => [
            lists.length > 1 ? element('h4', {}, name ?? id) : null,
            rows.length > 0
              ? element('ul', { class: 'guildhall-list' }, ...rows.map(rowOf))
              : element('p', { class: 'guildhall-empty' }, text('commands.empty')),
          ]),
          lists.length === 0 ? element('p', { class: 'guildhall-empty' }, text('commands.noCommunity')) : null,
          isBad
            ? element(
                'button',
                {
                  type: 'button',
                  class: 'red-ui-button red-ui-button-small',
                  'data-key': 'register',
                  click: this.#register,
                },
                text('commands.again'),
              )
            : null,
        ],
      };
    });
  }
}

function rowOf({ path, state, node }: Row): HTMLElement {
  const label = `/${path}`;
  return element(
    'li',
    {},
    moodSign(MOODS[state]),
    node
      ? element(
          'button',
          {
            type: 'button',
            class: 'guildhall-link',
            title: text('reveal'),
            'data-key': `command-${path}`,
            click: () => editor.view.reveal(node),
          },
          label,
        )
      : element('span', {}, label),
    element('span', { class: 'guildhall-aside' }, text(`commands.states.${state}`)),
  );
}

/** What Discord has and what the workspace has, which may not be deployed yet. */
function rowsOf({ id, commands, usages }: Community, home: string): Row[] {
  const known = commands ?? usages.map(({ input }) => ({ path: pathOf(input), state: 'unknown' as const }));
  const nodes = editor.nodes
    .filterNodes({ type: 'guildhall-slash-command' })
    .filter((node) => node.d !== true && (editor.nodes.node(String(node.community))?.guild || home) === id)
    .map((node) => ({ id: node.id, path: pathOf(`/${String(node.command ?? '')}`), isChanged: node.changed === true }));
  const rows: Row[] = known.map(({ path, state }) => {
    const node = nodes.find((candidate) => candidate.path === path);
    if (!node) return { path, state: state === 'extra' ? state : 'removed', node: null };
    return { path, state: node.isChanged ? 'changed' : state, node: node.id };
  });
  const added = nodes.filter(({ path }) => path && !known.some((command) => command.path === path));
  return [...rows, ...added.map(({ path, id: node }) => ({ path, state: 'added' as const, node }))];
}

/** `request ai-credit` of `/request ai-credit amount:`. */
function pathOf(input: string): string {
  return input
    .replace(/^\/+/, '')
    .trim()
    .split(/\s+/)
    .filter((word) => !word.endsWith(':'))
    .join(' ');
}
