import type { Trace, TraceOutcome, TraceSummary } from '../answers.ts';
import { ask } from './api.ts';
import { element, icon } from './dom.ts';
import { pathOf } from './path.ts';
import { type Mood, moodSign, Section } from './section.ts';
import { duration, number, text, timeOfDay } from './texts.ts';

const MOODS: Record<TraceOutcome, Mood> = {
  open: 'calm',
  done: 'good',
  refused: 'good',
  fault: 'bad',
  caught: 'warn',
  cut_off: 'warn',
  no_flow: 'bad',
  no_answer: 'warn',
};

/** So many are shown at first. */
const FEW = 8;
const FILTERS = ['members', 'events', 'web', 'all'] as const;
type Filter = (typeof FILTERS)[number];
const FILTER_OF: Record<TraceSummary['kind'], Filter> = {
  command: 'members',
  button: 'members',
  select: 'members',
  modal: 'members',
  autocomplete: 'members',
  request: 'web',
  event: 'events',
  other: 'events',
};

/** The newest interactions and events, each with its way through the nodes. */
export class TracesSection extends Section {
  #traces: TraceSummary[] = [];
  #filter: Filter = 'members';
  #isLong = false;
  readonly #open = new Set<number>();
  readonly #paths = new Map<number, Trace>();

  constructor() {
    super('traces');
  }

  async update(traces: TraceSummary[]): Promise<void> {
    this.#traces = traces;
    this.#draw();
    await this.#loadPaths();
  }

  /** Opens the path of what an interaction began. */
  async reveal(source: string): Promise<void> {
    const trace = this.#traces.find((candidate) => candidate.source === source);
    if (!trace) return;
    this.#open.add(trace.id);
    await this.#loadPaths();
  }

  /** The paths of what is open; one that was under way may have gone on. */
  async #loadPaths(): Promise<void> {
    const wanted = this.#traces.filter(({ id, outcome, marks }) => {
      const known = this.#paths.get(id);
      return this.#open.has(id) && (known?.outcome !== outcome || known.marks.over !== marks.over);
    });
    await Promise.all(
      wanted.map(async ({ id }) => {
        const path = await ask<Trace>(`traces/${id}`).catch(() => null);
        if (path) this.#paths.set(id, path);
      }),
    );
    for (const id of this.#paths.keys()) {
      if (!this.#traces.some((trace) => trace.id === id)) this.#paths.delete(id);
    }
    this.#draw();
  }

  #draw(): void {
    const traces = this.#traces.filter(({ kind }) => this.#filter === 'all' || FILTER_OF[kind] === this.#filter);
    const paths = [...this.#open].map((id) => this.#paths.get(id));
    const shown = this.#isLong ? traces : traces.slice(0, FEW);
    this.show([shown, traces.length, this.#isLong, this.#filter, [...this.#open], paths], () => ({
      summary: traces.length > 0 ? number(traces.length) : '',
      children: [
        this.#traces.length > 0 ? this.#filters() : null,
        traces.length > 0
          ? element('ul', { class: 'guildhall-traces' }, ...shown.map((trace) => this.#row(trace)))
          : element('p', { class: 'guildhall-empty' }, text('traces.empty')),
        traces.length > FEW ? this.#more(traces.length) : null,
      ],
    }));
  }

  #filters(): HTMLElement {
    return element(
      'div',
      { class: 'guildhall-filters', role: 'group', 'aria-label': text('traces.show') },
      ...FILTERS.map((filter) =>
        element(
          'button',
          {
            type: 'button',
            'aria-pressed': String(filter === this.#filter),
            'data-key': `filter-${filter}`,
            click: () => {
              this.#filter = filter;
              this.#draw();
            },
          },
          text(`traces.filters.${filter}`),
        ),
      ),
    );
  }

  #more(count: number): HTMLElement {
    const label = this.#isLong ? text('traces.fewer') : text('traces.more', { number: number(count) });
    const turn = () => {
      this.#isLong = !this.#isLong;
      this.#draw();
    };
    return element(
      'button',
      { type: 'button', class: 'red-ui-button red-ui-button-small', 'data-key': 'more', click: turn },
      label,
    );
  }

  #row(trace: TraceSummary): HTMLElement {
    const { id, kind, name, about, member, at, outcome, marks, fault, refusal } = trace;
    const isOpen = this.#open.has(id);
    const code = outcome === 'refused' ? refusal : fault;
    const facts = [member, about, timeOfDay(at), text(`traces.outcomes.${outcome}`, { code: code ?? '' })].filter(
      Boolean,
    );
    const path = this.#paths.get(id);
    const panel = `guildhall-path-${id}`;
    return element(
      'li',
      {},
      element(
        'button',
        {
          type: 'button',
          class: 'guildhall-trace',
          'aria-expanded': String(isOpen),
          'aria-controls': panel,
          'data-key': `trace-${id}`,
          'data-source': trace.source,
          click: () => void this.#turn(id),
        },
        icon(`fa-angle-down guildhall-chevron`),
        moodSign(MOODS[outcome]),
        element('span', { class: 'guildhall-name' }, text(`traces.kinds.${kind}`, { name })),
        element(
          'span',
          { class: 'guildhall-count' },
          marks.over === undefined ? '…' : duration(marks.answered ?? marks.over),
        ),
        element('span', { class: 'guildhall-aside' }, facts.join(' · ')),
      ),
      isOpen
        ? element('div', { id: panel }, ...(path ? pathOf(path) : [element('p', {}, text('traces.loading'))]))
        : null,
    );
  }

  async #turn(id: number): Promise<void> {
    if (!this.#open.delete(id)) this.#open.add(id);
    this.#draw();
    await this.#loadPaths();
  }
}
