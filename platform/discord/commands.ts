import type { DeclaredCommand } from '../intakes.ts';

const SUBCOMMAND = 1;
const SUBCOMMAND_GROUP = 2;
const CHAT_INPUT = 1;
const GROUPS = new Set([SUBCOMMAND, SUBCOMMAND_GROUP]);

interface CommandNode {
  type: number;
  name: string;
  description: string;
  options: object[];
  name_localizations?: Record<string, string>;
  description_localizations?: Record<string, string>;
}

/**
 * Merges what nodes declare (`request ai-credit`, `request list`, `profile`) into Discord's commands with
 * subcommands (https://discord.com/developers/docs/interactions/application-commands).
 */
export function buildCommands(declared: DeclaredCommand[]): CommandNode[] {
  const commands: CommandNode[] = [];
  for (const command of [...declared].sort((a, b) => a.path.localeCompare(b.path))) {
    const words = command.path.split(' ');
    let level = commands;
    for (const [depth, name] of words.entries()) {
      const isLast = depth === words.length - 1;
      const type = depth === 0 ? CHAT_INPUT : isLast ? SUBCOMMAND : SUBCOMMAND_GROUP;
      const found = isLast ? undefined : level.find((other) => other.name === name);
      const node = found ?? {
        type,
        name,
        description: isLast ? command.description : `Commands of /${words.slice(0, depth + 1).join(' ')}`,
        // A copy: subcommands of a command that stands for itself, too, would pile up in what its node declared.
        options: isLast ? [...command.options] : [],
      };
      if (!found) level.push(node);
      translate(node, command, depth, isLast);
      level = node.options as CommandNode[];
    }
  }
  return commands;
}

/** Adds what a command says in other languages of one of its words; of a shared word the first to say it stands. */
function translate(node: CommandNode, command: DeclaredCommand, depth: number, isLast: boolean): void {
  for (const { language, words, description } of command.localizations ?? []) {
    const word = words[depth];
    if (word) node.name_localizations = { [language]: word, ...node.name_localizations };
    if (isLast && description)
      node.description_localizations = { ...node.description_localizations, [language]: description };
  }
}

/** True where Discord already has just these commands; what it adds by itself (ids, versions) is left out. */
export function sameCommands(registered: readonly object[], wanted: readonly object[]): boolean {
  return JSON.stringify(registered.map(essence).sort()) === JSON.stringify(wanted.map(essence).sort());
}

/** What stands between a command that flows declare and what Discord has of it. */
export interface ComparedCommand {
  /** With its subcommands: `request ai-credit`. */
  path: string;
  /** Discord has it so, has it otherwise, lacks it, or has it although no flow declares it. */
  state: 'registered' | 'differs' | 'missing' | 'extra';
}

/** Compares, subcommand by subcommand, what Discord has with what flows declare. */
export function compareCommands(registered: readonly object[], wanted: readonly object[]): ComparedCommand[] {
  const there = leavesOf(registered);
  const declared = leavesOf(wanted);
  return [...new Set([...declared.keys(), ...there.keys()])].sort().map((path) => {
    const mine = declared.get(path);
    const theirs = there.get(path);
    if (mine === undefined) return { path, state: 'extra' };
    if (theirs === undefined) return { path, state: 'missing' };
    return { path, state: mine === theirs ? 'registered' : 'differs' };
  });
}

/** The essence of each command that can be typed, by its path. */
function leavesOf(commands: readonly object[], parent = ''): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const command of commands as CommandNode[]) {
    const path = `${parent}${command.name}`;
    const inner = (command.options ?? []).filter((option) => GROUPS.has((option as CommandNode).type));
    if (inner.length === 0) leaves.set(path, essence(command));
    for (const [below, of] of leavesOf(inner, `${path} `)) leaves.set(below, of);
  }
  return leaves;
}

const COMPARED = [
  'type',
  'name',
  'description',
  'required',
  'min_value',
  'max_value',
  'min_length',
  'max_length',
  'autocomplete',
  'choices',
  'channel_types',
  'value',
  'name_localizations',
  'description_localizations',
] as const;
/** What Discord leaves out stands for these. */
const DEFAULTS: Partial<Record<(typeof COMPARED)[number], unknown>> = {
  type: CHAT_INPUT,
  required: false,
  autocomplete: false,
};

/** What a command is to members, as text: what Discord leaves out, orders or adds by itself makes no difference. */
function essence(command: object): string {
  const pick = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length > 0 ? value.map(pick) : null;
    if (value === null || typeof value !== 'object') return value;
    const record = value as Record<string, unknown>;
    return [
      ...COMPARED.map((key) => (IN_ANY_ORDER[key] ?? pick)(record[key] ?? DEFAULTS[key] ?? null)),
      pick(record.options ?? null),
    ];
  };
  return JSON.stringify(pick(command));
}

const byName = (value: unknown): unknown => {
  const entries = Object.entries((value ?? {}) as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length > 0 ? entries : null;
};
const sorted = (value: unknown): unknown => (Array.isArray(value) && value.length > 0 ? [...value].sort() : null);

const IN_ANY_ORDER: Partial<Record<(typeof COMPARED)[number], (value: unknown) => unknown>> = {
  name_localizations: byName,
  description_localizations: byName,
  channel_types: sorted,
};
