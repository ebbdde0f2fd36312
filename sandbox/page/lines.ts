import type { EventLine } from '../control/live.ts';
import type { LogLine } from '../control/log.ts';
import { ask } from './actions.ts';
import { type Child, el, set } from './dom.ts';
import type { Session } from './session.ts';
import { type TextKey, text } from './texts.ts';
import { format } from './time.ts';

/** How many lines are shown. */
const MOST = 300;

interface Line {
  number: number;
  at: number;
}

/** How one kind of line is shown. */
interface Kind<L extends Line> {
  name: 'request' | 'event';
  columns: readonly TextKey[];
  lines(session: Session): readonly L[];
  cells(line: L): Child[];
  failed(line: L): boolean;
  /** What the filter searches. */
  words(line: L): string;
}

export const REQUESTS: Kind<LogLine> = {
  name: 'request',
  columns: ['lines.time', 'lines.method', 'lines.route', 'lines.status', 'lines.ms', 'lines.verdict'],
  lines: (session) => session.mirror.requests,
  cells: (line) => [
    clock(line.at),
    el('span', { class: 'method' }, line.method),
    el('span', { class: 'route' }, line.route),
    el(
      'span',
      { class: line.status >= 400 || line.status === 0 ? 'bad' : 'good' },
      line.status === 0 ? text('lines.hangs') : String(line.status),
    ),
    el('span', { class: 'number' }, `${Math.round(line.ms * 10) / 10} ms`),
    el('span', { class: line.verdict === 'ok' && line.error === null ? 'good' : 'bad' }, verdict(line)),
  ],
  failed: ({ status, verdict: says }) => status >= 400 || status === 0 || says !== 'ok',
  words: ({ method, route, path, status, verdict: says, error }) =>
    `${method} ${route} ${path} ${status} ${says} ${error?.code ?? ''} ${error?.message ?? ''}`,
};

function verdict({ verdict: says, error, fault }: LogLine): string {
  const parts = [
    fault === true ? text('lines.fault') : '',
    error === null ? '' : [error.code || '', error.message].filter(Boolean).join(' '),
    says === 'ok' ? (error === null && fault !== true ? 'ok' : '') : says,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** What an application did not ask for is kept back as it should be: neither good nor bad. */
const OUTCOMES: Record<EventLine['outcome'], { key: TextKey; looks: 'good' | 'soft' | 'bad' }> = {
  sent: { key: 'lines.sent', looks: 'good' },
  blanked: { key: 'lines.blanked', looks: 'soft' },
  filtered: { key: 'lines.filtered', looks: 'soft' },
  nobody: { key: 'lines.nobody', looks: 'bad' },
  received: { key: 'lines.received', looks: 'good' },
  posted: { key: 'lines.posted', looks: 'good' },
  unanswered: { key: 'lines.unanswered', looks: 'bad' },
};

export const EVENTS: Kind<EventLine> = {
  name: 'event',
  columns: ['lines.time', 'lines.event', 'lines.outcome'],
  lines: (session) => session.mirror.events,
  cells: ({ at, name, outcome, intent }) => [
    clock(at),
    el('span', { class: 'route' }, name),
    el('span', { class: OUTCOMES[outcome].looks }, text(OUTCOMES[outcome].key, { intent: intent ?? '' })),
  ],
  failed: ({ outcome }) => OUTCOMES[outcome].looks === 'bad',
  words: ({ name, outcome, intent }) => `${name} ${outcome} ${intent ?? ''}`,
};

function clock(at: number): HTMLElement {
  const date = new Date(at);
  return el('time', { class: 'number', datetime: date.toISOString() }, format(date, { timeStyle: 'medium' }));
}

/** A list of what happened, newest first; a line opens to what it carried. */
export function lineList<L extends Line>(session: Session, kind: Kind<L>): HTMLElement {
  const list = el('ol', { class: `lines ${kind.name}s` });
  const empty = el('p', { class: 'soft' }, text(kind.name === 'request' ? 'lines.no-requests' : 'lines.no-events'));
  const filter = el('input', {
    class: 'field',
    type: 'search',
    'aria-label': text('lines.filter'),
    placeholder: text('lines.filter'),
    autocomplete: 'off',
  });
  const failing = el('input', { type: 'checkbox' });
  const clear = el('button', { type: 'button', class: 'button secondary small' }, text('lines.clear'));
  let last = 0;
  let cleared = 0;

  const hidden = (line: L) =>
    !kind.words(line).toLowerCase().includes(filter.value.trim().toLowerCase()) ||
    (failing.checked && !kind.failed(line));
  const draw = (whole: boolean) => {
    const lines = kind.lines(session);
    // A stream that begins anew tells all lines again, and those of a restarted sandbox with new numbers.
    if (whole || lines.length === 0 || (lines.at(-1)?.number ?? 0) < last) {
      list.replaceChildren();
      last = 0;
    }
    const fresh = lines.filter(({ number }) => number > Math.max(last, cleared));
    for (const line of fresh) list.prepend(lineBox(kind, line, hidden(line)));
    last = lines.at(-1)?.number ?? last;
    while (list.childElementCount > MOST) list.lastElementChild?.remove();
    empty.hidden = list.childElementCount > 0;
  };
  filter.addEventListener('input', () => draw(true));
  failing.addEventListener('change', () => draw(true));
  clear.addEventListener('click', () => {
    cleared = last;
    draw(true);
  });
  session.mirror.watch(['lines', 'status'], () => {
    if ((kind.lines(session).at(-1)?.number ?? 0) < cleared) cleared = 0;
    draw(false);
  });
  const head = el(
    'div',
    { class: 'line-cells line-head', 'aria-hidden': 'true' },
    ...kind.columns.map((key) => el('span', {}, text(key))),
  );
  return el(
    'div',
    { class: `line-panel ${kind.name}s` },
    el('div', { class: 'line-tools' }, filter, el('label', { class: 'check' }, failing, text('lines.failing')), clear),
    el('div', { class: 'line-scroll' }, head, list, empty),
  );
}

function lineBox<L extends Line>(kind: Kind<L>, line: L, hidden: boolean): HTMLElement {
  const detail = el('pre', { class: 'line-detail' });
  const box = el('details', {}, el('summary', { class: 'line-cells' }, ...kind.cells(line)), detail);
  box.addEventListener('toggle', () => {
    if (!box.open || detail.textContent !== '') return;
    detail.textContent = text('lines.loading');
    ask(`trace?${kind.name}=${line.number}`)
      .then((carried) => {
        detail.textContent = JSON.stringify({ ...about(line), ...carried }, null, 2);
      })
      .catch((error: unknown) => {
        detail.textContent = error instanceof Error ? error.message : String(error);
      });
  });
  const item = el('li', {}, box);
  set(item, { hidden });
  return item;
}

/** The path of a request; long secrets in it, such as an interaction's token, are cut short. */
function about(line: Line): object {
  const path = 'path' in line ? String(line.path) : undefined;
  return path === undefined ? {} : { path: path.replaceAll(/[\w-]{40,}/g, (secret) => `${secret.slice(0, 6)}…`) };
}
