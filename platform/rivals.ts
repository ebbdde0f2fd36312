import type { InteractionIntake } from './intakes.ts';
import { pathsClash } from './paths.ts';

/**
 * Says that two intakes want what only one can have, and what to do.
 * @param first the one that has it
 * @returns null where both can be
 */
export function rivalry(first: InteractionIntake, second: InteractionIntake): string | null {
  if (first.community !== second.community || !first.kinds.some((kind) => second.kinds.includes(kind))) return null;
  for (const one of first.paths) {
    const other = second.paths.find((path) => pathsClash(one, path));
    if (other !== undefined) return sentenceOf(first, one, second, other);
  }
  return null;
}

function sentenceOf(first: InteractionIntake, one: string, second: InteractionIntake, other: string): string {
  const [noun, mark] = first.command ? ['command', '/'] : ['custom id', ''];
  const why =
    one === other
      ? `${first.node.name} and ${second.node.name} both take ${mark}${one}: only the first gets it.`
      : `${first.node.name} takes /${one} and ${second.node.name} takes /${other}, and Discord takes no command beside its own subcommands: only the first is registered.`;
  return `${why} Delete one of the two or give it another ${noun}, and deploy.`;
}
