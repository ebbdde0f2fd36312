import type { Finding } from '../answers.ts';
import { element } from './dom.ts';
import { type Mood, moodSign, Section } from './section.ts';
import { number, text } from './texts.ts';

const MOODS: Record<Finding['state'], Mood> = { ok: 'good', warning: 'warn', problem: 'bad' };
/** The most urgent first. */
const ORDER: Finding['state'][] = ['problem', 'warning', 'ok'];

/** What is missing, each with the one thing to do. */
export class FindingsSection extends Section {
  readonly #again: () => void;

  /** @param again has everything examined once more */
  constructor(again: () => void) {
    super('findings');
    this.#again = again;
  }

  /**
   * @param findings null while they are looked for
   * @param setup the first-run page, where there is one
   */
  update(findings: Finding[] | null, setup: string | null): void {
    this.show([findings, setup], () => {
      if (!findings) return { children: [element('p', { class: 'guildhall-empty' }, text('findings.looking'))] };
      const sorted = [...findings].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
      const open = sorted.filter(({ state }) => state !== 'ok');
      const fine = sorted.filter(({ state }) => state === 'ok');
      return {
        mood: MOODS[sorted[0]?.state ?? 'ok'],
        summary: open.length > 0 ? number(open.length) : '',
        children: [
          open.length > 0
            ? element('ul', { class: 'guildhall-list' }, ...open.map(findingOf))
            : element('p', { class: 'guildhall-empty' }, text('findings.none')),
          fine.length > 0
            ? element(
                'details',
                {},
                element('summary', { 'data-key': 'fine' }, text('findings.fine', { number: number(fine.length) })),
                element('ul', { class: 'guildhall-list' }, ...fine.map(findingOf)),
              )
            : null,
          element(
            'div',
            { class: 'guildhall-row' },
            element(
              'button',
              {
                type: 'button',
                class: 'red-ui-button red-ui-button-small',
                'data-key': 'again',
                click: this.#again,
              },
              text('findings.again'),
            ),
            setup && element('a', { href: setup, target: '_blank', rel: 'noopener' }, text('findings.setup')),
          ),
        ],
      };
    });
  }
}

function findingOf({ state, title, detail, fix }: Finding): HTMLElement {
  return element(
    'li',
    { class: 'guildhall-finding' },
    moodSign(MOODS[state], text(`findings.states.${state}`)),
    element(
      'div',
      {},
      element('strong', {}, title),
      detail ? element('p', {}, detail) : null,
      fix ? element('p', { class: 'guildhall-fix' }, fix) : null,
    ),
  );
}
