import type { Overview, RehearsalAnswer, RehearsalMember } from '../answers.ts';
import { answerOf, type Press } from './answer.ts';
import { ask, type Problem } from './api.ts';
import { element, replace } from './dom.ts';
import { moodSign, Section } from './section.ts';
import { duration, text } from './texts.ts';

const MEMBERS_MILLISECONDS = 30_000;

/** Runs a command in the sandbox as a member of one's choice, and shows what the member would see. */
export class RehearsalSection extends Section {
  readonly #onAnswer: (interaction: string) => void;
  readonly #member = element('select', { id: 'guildhall-member', 'data-key': 'member' });
  readonly #server = element('select', {
    id: 'guildhall-server',
    'data-key': 'server',
    change: () => void this.#load(),
  });
  readonly #input = element('input', {
    type: 'text',
    id: 'guildhall-input',
    'data-key': 'input',
    list: 'guildhall-usages',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  readonly #usages = element('datalist', { id: 'guildhall-usages' });
  readonly #run = element('button', { type: 'submit', class: 'red-ui-button' }, text('rehearsal.run'));
  readonly #answer = element('div', { role: 'status', class: 'guildhall-answer' });
  #overview: Overview | null = null;
  #loaded = 0;

  /** @param onAnswer hears of each interaction that was answered */
  constructor(onAnswer: (interaction: string) => void) {
    super('rehearsal');
    this.#onAnswer = onAnswer;
  }

  update(overview: Overview): void {
    this.#overview = overview;
    const { sandbox, communities } = overview;
    this.show([sandbox, communities.map(({ id, name }) => [id, name])], () => {
      if (!sandbox) return { children: [element('p', { class: 'guildhall-empty' }, text('rehearsal.live'))] };
      this.#loaded = 0;
      this.#input.placeholder = communities[0]?.usages[0]?.input ?? '/';
      this.#server.replaceChildren(...communities.map(({ id, name }) => element('option', { value: id }, name ?? id)));
      const form = element(
        'form',
        { submit: (event) => this.#submit(event) },
        communities.length > 1 ? labelled('server', this.#server) : null,
        labelled('member', this.#member),
        labelled('input', this.#input),
        this.#usages,
        element(
          'div',
          { class: 'guildhall-row' },
          this.#run,
          element('a', { href: sandbox, target: '_blank', rel: 'noopener' }, text('rehearsal.page')),
        ),
      );
      return { children: [form, this.#answer] };
    });
    const usages = communities.find(({ id }) => id === this.#guild())?.usages ?? [];
    offer(
      this.#usages,
      usages.map(({ input, description }) => [input, description]),
    );
    // People come and go; a list that is open stays as it is.
    const isOpen = document.activeElement === this.#member;
    if (sandbox && !isOpen && Date.now() > this.#loaded + MEMBERS_MILLISECONDS) void this.#load();
  }

  #guild(): string | undefined {
    return this.#server.value || this.#overview?.communities[0]?.id;
  }

  async #load(): Promise<void> {
    this.#loaded = Date.now();
    const guild = this.#guild();
    try {
      const members = await ask<RehearsalMember[]>(`rehearsal${guild ? `?guild=${guild}` : ''}`);
      const chosen = this.#member.value;
      offer(
        this.#member,
        members.map(({ username, name, roles }) => [
          username,
          roles.length > 0 ? `${name} (${roles.join(', ')})` : name,
        ]),
      );
      if (members.some(({ username }) => username === chosen)) this.#member.value = chosen;
    } catch (problem) {
      this.#say((problem as Problem).message);
    }
  }

  #submit(event: Event): void {
    event.preventDefault();
    const input = this.#input.value.trim();
    if (!input) {
      this.#say(text('rehearsal.nothing'));
      this.#input.focus();
      return;
    }
    void this.#act('command', { input: input.startsWith('/') ? input : `/${input}` });
  }

  async #act(act: 'command' | 'press' | 'submit', what: object): Promise<void> {
    this.#run.disabled = true;
    this.#answer.setAttribute('aria-busy', 'true');
    const as = this.#member.value;
    try {
      const answer = await ask<RehearsalAnswer>(act, { as, guild: this.#guild(), ...what });
      this.#show(answer);
      this.#onAnswer(answer.interaction);
    } catch (problem) {
      this.#say((problem as Problem).message);
    } finally {
      this.#run.disabled = false;
      this.#answer.removeAttribute('aria-busy');
    }
  }

  #show(answer: RehearsalAnswer): void {
    const { acknowledgedMs, error, interaction } = answer;
    const took =
      acknowledgedMs === null
        ? text('rehearsal.silent')
        : text('rehearsal.answered', { time: duration(acknowledgedMs) });
    const press: Press = {
      button: (message, customId) => void this.#act('press', { message, customId }),
      form: (fields) => void this.#act('submit', { interaction, fields }),
    };
    replace(this.#answer, [
      element('p', { class: 'guildhall-state guildhall-marks' }, moodSign(error ? 'bad' : 'good'), error ?? took),
      ...answerOf(answer, press),
    ]);
  }

  #say(sentence: string): void {
    replace(this.#answer, [element('p', { class: 'guildhall-fix' }, sentence)]);
  }
}

function labelled(name: string, field: HTMLElement): HTMLElement {
  return element('label', { class: 'guildhall-field' }, element('span', {}, text(`rehearsal.${name}`)), field);
}

/** Offers values with their labels, and touches nothing where they are offered already. */
function offer(list: HTMLSelectElement | HTMLDataListElement, options: [value: string, label: string][]): void {
  const next = JSON.stringify(options);
  if (list.dataset.offered === next) return;
  list.dataset.offered = next;
  list.replaceChildren(...options.map(([value, label]) => element('option', { value }, label)));
}
