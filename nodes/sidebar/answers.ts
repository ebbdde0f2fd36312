import type { TraceSummary } from '../../platform/trace.ts';

/** What the tab is told, in types that both of its sides can read. */

export type { Finding } from '../../platform/doctor/finding.ts';
export type { Hop, Mark, Trace, TraceOutcome, TraceSummary } from '../../platform/trace.ts';

export interface Overview {
  connection: {
    state: 'connecting' | 'ready' | 'reconnecting' | 'refused';
    problem: string;
    fix: string;
    /** The bot's name; null while it is not connected. */
    bot: string | null;
    latency: number | null;
  };
  headroom: {
    global: { used: number; limit: number };
    tightest: { route: string; left: number; limit: number; resetsInMilliseconds: number } | null;
    invalid: { used: number; limit: number };
    heldUp: { route: string; at: number } | null;
  };
  flowsRun: boolean;
  /** The first-run page, where there is one. */
  setup: string | null;
  /** The sandbox's page; null on a live Discord. */
  sandbox: string | null;
  /** What is wrong with registering commands. */
  problems: string[];
  /** The guild of a community that names none. */
  home: string;
  communities: Community[];
}

export interface Community {
  id: string;
  name: string | null;
  /** null before Discord was asked. */
  commands: { path: string; state: 'registered' | 'differs' | 'missing' | 'extra' }[] | null;
  /** The commands as one begins to type them. */
  usages: { input: string; description: string }[];
}

/** `traces` is null where nothing has changed. */
export interface TraceList {
  version: number;
  traces: TraceSummary[] | null;
}

export interface RehearsalMember {
  username: string;
  name: string;
  roles: string[];
}

/** What came of a command, a press or a form in the sandbox. */
export interface RehearsalAnswer {
  interaction: string;
  acknowledgedMs: number | null;
  answeredMs: number | null;
  messages: SandboxMessage[];
  modal?: { title: string; components: SandboxComponent[] };
  error?: string;
}

export interface SandboxMessage {
  id: string;
  author: string;
  content: string;
  embeds: {
    title?: string;
    description?: string;
    fields?: { name: string; value: string }[];
    footer?: { text: string };
  }[];
  components: SandboxComponent[];
  ephemeralFor: string | null;
}

/** A component as Discord has it: only what the tab shows of it. */
export interface SandboxComponent {
  type: number;
  label?: string;
  custom_id?: string;
  disabled?: boolean;
  required?: boolean;
  value?: string;
  style?: number;
  url?: string;
  components?: SandboxComponent[];
  component?: SandboxComponent;
}
