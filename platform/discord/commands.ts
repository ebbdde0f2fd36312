import type { DeclaredCommand } from '../intakes.ts';

const SUBCOMMAND = 1;
const SUBCOMMAND_GROUP = 2;
const CHAT_INPUT = 1;

interface CommandNode {
  type: number;
  name: string;
  description: string;
  options: object[];
}

/**
 * Merges what nodes declare (`request ai-credit`, `request list`, `profile`) into Discord's commands with
 * subcommands (https://discord.com/developers/docs/interactions/application-commands).
 */
export function buildCommands(declared: DeclaredCommand[]): CommandNode[] {
  const commands = new Map<string, CommandNode>();
  for (const { path, description, options } of [...declared].sort((a, b) => a.path.localeCompare(b.path))) {
    const [name = '', ...rest] = path.split(' ');
    if (rest.length === 0) {
      commands.set(name, { type: CHAT_INPUT, name, description, options });
      continue;
    }
    let parent = commands.get(name);
    if (!parent) {
      parent = { type: CHAT_INPUT, name, description: `Commands of /${name}`, options: [] };
      commands.set(name, parent);
    }
    const last = rest.pop() ?? '';
    for (const group of rest) parent = groupIn(parent, group, name);
    parent.options.push({ type: SUBCOMMAND, name: last, description, options });
  }
  return [...commands.values()];
}

function groupIn(parent: CommandNode, name: string, command: string): CommandNode {
  const options = parent.options as CommandNode[];
  const found = options.find((option) => option.name === name);
  if (found) return found;
  const group = { type: SUBCOMMAND_GROUP, name, description: `Commands of /${command} ${name}`, options: [] };
  options.push(group);
  return group;
}

/** True where Discord already has just these commands; what it adds by itself (ids, versions) is left out. */
export function sameCommands(registered: readonly object[], wanted: readonly object[]): boolean {
  return JSON.stringify(registered.map(essence).sort()) === JSON.stringify(wanted.map(essence).sort());
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
] as const;
/** What Discord leaves out stands for these. */
const DEFAULTS: Partial<Record<(typeof COMPARED)[number], unknown>> = {
  type: CHAT_INPUT,
  required: false,
  autocomplete: false,
};

function essence(command: object): string {
  const pick = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(pick);
    if (value === null || typeof value !== 'object') return value;
    const record = value as Record<string, unknown>;
    return [
      ...COMPARED.map((key) => pick(record[key] ?? DEFAULTS[key] ?? null)),
      (record.options as unknown[] | undefined)?.map(pick) ?? [],
    ];
  };
  return JSON.stringify(pick(command));
}
