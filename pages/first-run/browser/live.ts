import type { FirstRunState } from '../state.ts';
import { element } from './dom.ts';
import { findingList } from './parts.ts';
import { type Mark, STEPS, type Tools } from './steps.ts';
import { fill, texts } from './texts.ts';

/** Steps without which nobody goes live; the others help. */
const BEFORE_LIVE = ['token', 'application', 'server'];

/** The last step: what going live does, and the button. */
export const LIVE_STEP = {
  id: 'live',
  heading: texts.live.heading,
  mark: (): Mark => 'open',
  shows: (state: FirstRunState) => [
    state.failure,
    state.guild,
    state.databaseUrl,
    state.canRestart,
    STEPS.map((step) => step.mark(state)),
  ],
  render: (state: FirstRunState, { act }: Tools) => {
    const missing = STEPS.filter((step) => BEFORE_LIVE.includes(step.id) && step.mark(state) !== 'done');
    const server = state.guild?.name ?? texts.live.yourServer;
    const steps = missing.map((step) => `${STEPS.indexOf(step) + 1}`).join(', ');
    return [
      state.failure
        ? element('p', { class: 'alert', role: 'alert' }, fill(texts.live.failed, { failure: state.failure }))
        : null,
      element('p', { class: 'why' }, texts.live.why),
      element('ul', { class: 'how' }, ...texts.live.what.map((line) => element('li', {}, fill(line, { server })))),
      state.databaseUrl ? element('p', { class: 'alert' }, texts.live.databaseUrl) : null,
      state.canRestart ? null : element('p', { class: 'hint' }, texts.live.byHand),
      missing.length > 0 ? element('p', { class: 'hint' }, fill(texts.live.notYet, { steps })) : null,
      element(
        'button',
        {
          type: 'button',
          class: 'go',
          disabled: missing.length > 0 || state.databaseUrl,
          onclick: () => void act('live'),
        },
        texts.live.button,
      ),
    ];
  },
};

/** What stands above the steps while the live server runs: how it is, and the way back. */
export function livePanel(state: FirstRunState, { act, checkAgain }: Tools): HTMLElement {
  const { running, bot, guild } = state;
  let asked = false;
  const back = element('button', { type: 'button', class: 'quiet' }, texts.live.demo);
  back.addEventListener('click', () => {
    if (asked) return void act('demo');
    asked = true;
    back.textContent = texts.live.demoConfirm;
  });
  const wrong = findingList(state.findings, false);
  return element(
    'section',
    { class: 'panel live', 'aria-labelledby': 'live-heading' },
    element('h2', { id: 'live-heading' }, running.ready ? texts.page.live : texts.page.away),
    running.ready
      ? element('p', {}, fill(texts.live.isLive, { bot: bot?.name ?? '', server: guild?.name ?? '' }))
      : element('p', { class: 'alert' }, texts.live.isAway),
    running.problems.length > 0
      ? element('ul', {}, ...running.problems.map((problem) => element('li', {}, problem)))
      : null,
    wrong,
    element('details', {}, element('summary', {}, texts.live.health), findingList(state.findings)),
    state.restartNeeded
      ? element(
          'p',
          { class: 'alert' },
          texts.live.changes,
          ' ',
          element('button', { type: 'button', onclick: () => void act('restart') }, texts.live.restart),
        )
      : null,
    element(
      'div',
      { class: 'row' },
      element('button', { type: 'button', onclick: checkAgain }, texts.page.checkAgain),
      back,
    ),
    element('p', { class: 'hint' }, texts.live.demoWhy),
  );
}
