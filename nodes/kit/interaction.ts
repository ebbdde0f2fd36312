import { playerBehind, playerOfMember } from '../../core/people/index.ts';
import type { Interaction, InteractionIntake } from '../../platform/intakes.ts';
import type { IntakeContext, Message } from './index.ts';

/**
 * Takes the interactions that an intake asks for and sends each into its flow. The member becomes a player on the way,
 * unless they are only typing.
 * @param suggestions the output of what is typed into an option with autocomplete
 * @returns what ends it
 */
export function takeInteractions(
  { platform, community, node, run, complain }: Omit<IntakeContext, 'settings'>,
  intake: Omit<InteractionIntake, 'node' | 'community' | 'contested' | 'take'>,
  suggestions?: string,
): () => void {
  const { database } = platform;
  return platform.intakes.addInteraction({
    ...intake,
    community,
    node,
    contested: (sentences) => complain('twice', sentences.join(' ')),
    take: (interaction, kept) => {
      const { id, kind, user, roles } = interaction;
      const isTyping = kind === 'autocomplete';
      return run(id, async () => {
        const finding = isTyping ? playerBehind(database, user.id) : playerOfMember(database, community, user);
        const [player, isNew] = await Promise.all([finding, kept]);
        if (!isNew) return null;
        return {
          acting: { player, discord_id: user.id, roles, scopes: [] },
          message: messageOf(interaction),
          ...(isTyping && suggestions && { output: suggestions }),
        };
      });
    },
  });
}

function messageOf({ focused, ...interaction }: Interaction): Message {
  const { kind, path, options, values, chosen } = interaction;
  return {
    topic: path,
    payload: kind === 'select' ? { value: values[0] ?? null, values, chosen } : { ...options },
    interaction,
    ...(focused && { autocomplete: { option: focused.option, value: focused.value } }),
  };
}
