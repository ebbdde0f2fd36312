import { quote } from '../control/input.ts';
import { OPTION } from '../rules/command.ts';
import type { Command, CommandOption } from '../state/model.ts';

/** One thing that can be run: a command, or a subcommand of one. */
export interface Leaf {
  command: Command;
  /** Its words, such as `request ai-credit`. */
  path: string;
  description: string;
  /** Required ones first, as they were registered. */
  options: CommandOption[];
}

/** All that commands offer to run, by name. */
export function leavesOf(commands: Command[], locale: string): Leaf[] {
  const leaves = (command: Command, path: string, about: Command | CommandOption): Leaf[] => {
    const options = about.options ?? [];
    const subs = options.filter(({ type }) => type === OPTION.SUB_COMMAND || type === OPTION.SUB_COMMAND_GROUP);
    if (subs.length > 0) return subs.flatMap((sub) => leaves(command, `${path} ${sub.name}`, sub));
    return [{ command, path, description: localized(about, locale).description, options }];
  };
  return commands
    .flatMap((command) => leaves(command, command.name, command))
    .sort((a, b) => a.path.localeCompare(b.path));
}

/** Name and description in the member's language, where the application gave them. */
export function localized(about: Command | CommandOption, locale: string): { name: string; description: string } {
  const inLocale = (texts: unknown): string | undefined =>
    (texts as Record<string, string> | null | undefined)?.[locale];
  return {
    name: inLocale(about.name_localizations) ?? about.name,
    description: inLocale(about.description_localizations) ?? about.description,
  };
}

/** The leaves that fit what was typed after the slash: first those that begin with it. */
export function fitting(leaves: Leaf[], typed: string): Leaf[] {
  const wanted = typed.toLocaleLowerCase().trimEnd();
  const begins = leaves.filter(({ path }) => path.startsWith(wanted));
  const holds = leaves.filter(({ path }) => !path.startsWith(wanted) && path.includes(wanted));
  return [...begins, ...holds];
}

/** The leaf that a typed text runs, with what follows its name; undefined while the name is not complete. */
export function typedLeaf(leaves: Leaf[], typed: string): { leaf: Leaf; rest: string } | undefined {
  const leaf = leaves
    .filter(({ path }) => typed === path || typed.startsWith(`${path} `))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return leaf && { leaf, rest: typed.slice(leaf.path.length + 1) };
}

/** A command as the control API reads it. */
export function inputOf(leaf: Leaf, values: [name: string, value: string][]): string {
  const pairs = values.map(([name, value]) => `${name}:${quote(value)}`);
  return [`/${leaf.path}`, ...pairs].join(' ');
}
