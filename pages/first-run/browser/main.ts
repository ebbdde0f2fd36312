import type { FirstRunState } from '../state.ts';
import { type Answer, Away, act as ask, Refusal, readState, SignedOut, signIn } from './api.ts';
import { element } from './dom.ts';
import { LIVE_STEP, livePanel } from './live.ts';
import { findingList } from './parts.ts';
import { STEPS, type Step, type Tools } from './steps.ts';
import { language, texts } from './texts.ts';

/** While the bot is in no server, its arrival is waited for. */
const LOOK_EVERY_MILLISECONDS = 3000;
const TRY_EVERY_MILLISECONDS = 700;
const LONG_MILLISECONDS = 60_000;

/** Where a step is drawn, with what it drew last. */
interface Drawn {
  step: Step;
  section: HTMLElement;
  mark: HTMLElement;
  body: HTMLElement;
  result: HTMLElement;
  shown: string;
}

const root = document.getElementById('page') as HTMLElement;
const pill = element('span', { class: 'pill', role: 'status', hidden: true });
const panel = element('div');
const steps = element('ol', { class: 'steps' });
/** Once the server is live, what was set up is there to change, but out of the way. */
const folded = element('details', { class: 'folded' }, element('summary', {}, texts.live.setup), steps);
const main = element('main', {}, panel, folded);
let drawn: Drawn[] = [];
let state: FirstRunState | null = null;

document.documentElement.lang = language;
document.title = `${texts.page.title} · Guildhall`;
root.append(
  element(
    'header',
    {},
    element(
      'nav',
      {},
      element('a', { href: '/' }, texts.page.startPage),
      element('a', { href: '/editor/' }, texts.page.editor),
      pill,
    ),
    element('h1', {}, texts.page.heading),
    element('p', {}, texts.page.lead),
  ),
  main,
);
panel.append(element('p', { class: 'waiting', role: 'status' }, texts.page.loading));
void load();
setInterval(() => {
  if (state?.mode === 'demo' && state.bot && state.guilds.length === 0 && !document.hidden) void load();
}, LOOK_EVERY_MILLISECONDS);

async function load(): Promise<void> {
  try {
    show(await readState());
  } catch (error) {
    if (error instanceof SignedOut) return askPassword();
    show(null, error instanceof Away ? texts.errors.away : (error as Error).message);
    setTimeout(() => void load(), LOOK_EVERY_MILLISECONDS);
  }
}

/** Draws a state; without one, why there is none. */
function show(next: FirstRunState | null, sentence = ''): void {
  if (!next) {
    if (!state) panel.replaceChildren(element('p', { class: 'alert', role: 'alert' }, sentence));
    return;
  }
  state = next;
  const { mode, running } = next;
  const live = mode === 'live';
  pill.hidden = false;
  pill.textContent = live ? (running.ready ? texts.page.live : texts.page.away) : texts.page[mode];
  pill.className = `pill ${live ? (running.ready ? 'done' : 'wrong') : mode}`;
  panel.replaceChildren();
  if (folded.className !== `folded ${mode}`) folded.open = !live;
  folded.className = `folded ${mode}`;
  if (mode === 'environment') {
    steps.replaceChildren();
    panel.append(
      element(
        'section',
        { class: 'panel' },
        element('p', {}, texts.environment.why),
        findingList(next.findings),
        element('button', { type: 'button', onclick: toolsFor(null).checkAgain }, texts.page.checkAgain),
      ),
    );
    return;
  }
  if (mode === 'demo' && running.problems.length > 0) {
    panel.append(element('p', { class: 'alert', role: 'alert' }, texts.page.problems, ' ', running.problems.join(' ')));
  }
  if (live) panel.append(livePanel(next, toolsFor(null)));
  const wanted: Step[] = live ? [...STEPS] : [...STEPS, LIVE_STEP];
  if (drawn.length !== wanted.length || steps.childElementCount === 0) layOut(wanted);
  for (const one of drawn) draw(one, next);
}

function layOut(wanted: Step[]): void {
  drawn = wanted.map((step, index) => {
    const mark = element('span', { class: 'mark', role: 'img' }, String(index + 1));
    const body = element('div', { class: 'body' });
    const result = element('div', { class: 'result', 'aria-live': 'polite' });
    const heading = element('h2', { id: `${step.id}-heading` }, step.heading);
    const section = element('li', { class: 'step', id: `step-${step.id}`, 'aria-labelledby': `${step.id}-heading` });
    section.append(mark, element('div', { class: 'content' }, heading, body, result));
    return { step, section, mark, body, result, shown: '' };
  });
  steps.replaceChildren(...drawn.map(({ section }) => section));
}

/** Draws what changed of a step: what a person is typing elsewhere stays. */
function draw(one: Drawn, next: FirstRunState): void {
  const { step, section, body, mark } = one;
  const how = step.mark(next);
  const locked = step.id !== 'token' && step.id !== 'live' && !next.bot;
  const closed = ['names', 'test'].includes(step.id) && !next.guild;
  section.className = `step ${how}${locked || closed ? ' later' : ''}`;
  mark.ariaLabel = texts.page[how];
  mark.textContent = how === 'done' ? '✓' : how === 'wrong' ? '!' : String(drawn.indexOf(one) + 1);
  const shown = JSON.stringify([locked, closed, step.shows(next)]);
  if (shown === one.shown) return;
  const focused = section.contains(document.activeElement) ? document.activeElement?.id : '';
  one.shown = shown;
  body.replaceChildren(...(locked || closed ? [] : step.render(next, toolsFor(one)).filter((child) => child !== null)));
  if (focused) document.getElementById(focused)?.focus();
}

function toolsFor(one: Drawn | null): Tools {
  const say = (words: (Node | string)[], bad = false) => {
    if (!one) return;
    one.result.className = bad ? 'result wrong' : 'result';
    one.result.replaceChildren(...words);
  };
  const busy = (is: boolean) => {
    const area = one?.section ?? panel;
    area.ariaBusy = String(is);
    for (const control of area.querySelectorAll<HTMLButtonElement>('button')) control.disabled = is;
  };
  const working = async (work: () => Promise<void>) => {
    busy(true);
    say([]);
    let failed = '';
    try {
      await work();
    } catch (error) {
      if (error instanceof SignedOut) return askPassword();
      failed =
        error instanceof Away ? texts.errors.away : error instanceof Refusal ? error.message : texts.errors.unknown;
    } finally {
      busy(false);
      if (one && state) {
        if (!failed) one.shown = '';
        draw(one, state);
      }
    }
    if (failed) say([failed], true);
  };
  return {
    act: (action, body, said) =>
      working(async () => {
        const answer: Answer = await ask(action, body);
        if (answer.restarting !== undefined) return restarting(action, answer.restarting);
        if (answer.state) show(answer.state);
        if (said) queueMicrotask(() => say(said(answer)));
      }),
    checkAgain: () =>
      void working(async () => {
        show(await readState());
        queueMicrotask(() => say([texts.page.checked]));
      }),
  };
}

/** Waits until the program is back in the other mode. */
async function restarting(action: string, byItself: boolean): Promise<void> {
  const wanted = action === 'demo' ? 'demo' : 'live';
  const since = Date.now();
  const note = element('p', { class: 'hint' }, byItself ? texts.restarting.wait : texts.restarting.byHand);
  const waiting = element(
    'section',
    { class: 'panel', role: 'status', id: 'restarting' },
    element('p', { class: 'waiting' }, texts.restarting[wanted]),
    note,
  );
  pill.hidden = true;
  steps.replaceChildren();
  panel.replaceChildren(waiting);
  waiting.scrollIntoView({ block: 'center' });
  const before = state?.boot;
  state = null;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MILLISECONDS));
    const long = Date.now() - since > LONG_MILLISECONDS;
    if (long) note.textContent = texts.restarting.long;
    try {
      const next = await readState();
      const ready = next.mode === 'demo' || next.running.ready || long;
      if (next.boot !== before && ready) return show(next);
    } catch (error) {
      if (error instanceof SignedOut) return askPassword();
    }
  }
}

function askPassword(): void {
  const result = element('div', { class: 'result wrong', role: 'alert' });
  const input = element('input', {
    id: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
  });
  const enter = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn(input.value);
      state = null;
      steps.replaceChildren();
      await load();
    } catch (error) {
      result.textContent = error instanceof Refusal ? error.message : texts.errors.away;
      input.select();
    }
  };
  steps.replaceChildren();
  panel.replaceChildren(
    element(
      'section',
      { class: 'panel' },
      element('h2', {}, texts.signIn.heading),
      element('p', { class: 'why' }, texts.signIn.why),
      element(
        'form',
        { class: 'field', onsubmit: (event) => void enter(event) },
        element('label', { for: 'password' }, texts.signIn.password),
        element('div', { class: 'row' }, input, element('button', { type: 'submit' }, texts.signIn.button)),
      ),
      result,
    ),
  );
  input.focus();
}
