import type { Finding, Overview, TraceList } from '../answers.ts';
import { ask, type Problem } from './api.ts';
import { CommandsSection } from './commands.ts';
import { ConnectionSection } from './connection.ts';
import { element } from './dom.ts';
import { FindingsSection } from './findings.ts';
import { editor, type PluginDefinition } from './red.ts';
import { RehearsalSection } from './rehearsal.ts';
import { text, useTexts } from './texts.ts';
import { TracesSection } from './traces.ts';

const ID = 'guildhall-sidebar';
/** While somebody looks, so often what changes by itself is asked for, and what has to be examined. */
const POLL_MILLISECONDS = 2000;
const EXAMINE_MILLISECONDS = 60_000;

/** The tab "Discord": asks for news while it is seen, and for nothing otherwise. */
class Tab {
  readonly content: HTMLElement;
  readonly #notice = element('p', { class: 'guildhall-notice', role: 'status' });
  readonly #sections = element('div');
  readonly #connection = new ConnectionSection();
  readonly #commands = new CommandsSection(() => void this.#register());
  readonly #findings = new FindingsSection(() => void this.#examine(true));
  readonly #traces = new TracesSection();
  readonly #rehearsal = new RehearsalSection((interaction) => void this.#answered(interaction));
  #setup: string | null = null;
  #version = -1;
  #examined = 0;
  #asking: Promise<void> | null = null;

  constructor() {
    const sections = [this.#connection, this.#commands, this.#findings, this.#traces, this.#rehearsal];
    this.#sections.append(...sections.map((section) => section.element));
    this.#sections.hidden = true;
    this.#notice.textContent = text('problems.looking');
    this.content = element('div', { class: 'guildhall-sidebar', id: ID }, this.#notice, this.#sections);
    setInterval(() => void this.refresh(), POLL_MILLISECONDS);
    document.addEventListener('visibilitychange', () => void this.refresh());
    editor.events.on('deploy', () => {
      this.#examined = 0;
      void this.refresh();
    });
  }

  /** Asks for news where somebody looks; what is asked already is waited for. */
  refresh(): Promise<void> {
    const isSeen = this.content.offsetParent !== null && document.visibilityState === 'visible';
    if (!isSeen) return Promise.resolve();
    this.#asking ??= this.#tell().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #tell(): Promise<void> {
    try {
      await this.#ask();
      this.#notice.textContent = '';
      this.#sections.hidden = false;
    } catch (problem) {
      const { code, message } = problem as Problem;
      this.#notice.textContent = message;
      // What was seen a moment ago is still worth reading while the program is away.
      if (code !== 'unreachable') this.#sections.hidden = true;
    }
  }

  async #ask(): Promise<void> {
    const [overview, { version, traces }] = await Promise.all([
      ask<Overview>('overview'),
      ask<TraceList>(`traces?since=${this.#version}`),
    ]);
    this.#setup = overview.setup;
    this.#connection.update(overview);
    this.#commands.update(overview);
    this.#rehearsal.update(overview);
    if (traces) await this.#traces.update(traces);
    this.#version = version;
    if (Date.now() > this.#examined + EXAMINE_MILLISECONDS) void this.#examine(false);
  }

  async #examine(again: boolean): Promise<void> {
    this.#examined = Date.now();
    if (again) this.#findings.update(null, this.#setup);
    try {
      const findings = await ask<Finding[]>(again ? 'findings?again=1' : 'findings');
      this.#findings.update(findings, this.#setup);
    } catch {
      // The next round comes soon, and the notice says what is wrong.
      this.#examined = 0;
    }
  }

  async #register(): Promise<void> {
    await ask('commands/register', {}).catch(() => {});
    await this.#refreshAnew();
  }

  /** Shows the way of what was just tried, which may go on for a moment. */
  async #answered(interaction: string): Promise<void> {
    await this.#refreshAnew();
    await this.#traces.reveal(interaction);
  }

  /** What is being asked may not know of what was just done. */
  async #refreshAnew(): Promise<void> {
    await this.#asking;
    await this.refresh();
  }
}

const plugin: PluginDefinition = {
  onadd() {
    useTexts((key, values) => plugin._?.(key, values) ?? key);
    const tab = new Tab();
    editor.sidebar.addTab({
      id: ID,
      label: text('tab'),
      name: text('tab'),
      iconClass: 'fa fa-comments-o',
      content: tab.content,
      enableOnEdit: true,
      onchange: () => void tab.refresh(),
    });
    editor.actions.add('guildhall:show-discord-tab', () => editor.sidebar.show(ID), { label: text('action') });
  },
};

editor.plugins.registerPlugin(ID, plugin);
