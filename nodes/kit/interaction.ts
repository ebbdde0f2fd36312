import { playerOfMember } from '../../core/people/index.ts';
import type { InteractionIntake } from '../../platform/intakes.ts';
import type { Platform } from '../../platform/start.ts';
import type { BeginRun } from './index.ts';

/**
 * Takes the interactions that an intake asks for and sends each into its flow. The member becomes a player on the way.
 * @returns what ends it
 */
export function takeInteractions(
  platform: Platform,
  run: BeginRun,
  intake: Omit<InteractionIntake, 'take'>,
): () => void {
  return platform.intakes.addInteraction({
    ...intake,
    take: (interaction) =>
      run(interaction.id, async () => ({
        acting: {
          player: await playerOfMember(platform.database, interaction.user),
          discord_id: interaction.user.id,
          roles: interaction.roles,
          scopes: [],
        },
        message: { topic: interaction.path, payload: { ...interaction.options }, interaction: { ...interaction } },
      })),
  });
}
