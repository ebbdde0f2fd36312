import { playerOfMember } from '../../core/people/index.ts';
import { toFault } from '../../platform/fault.ts';
import type { Interaction, InteractionIntake } from '../../platform/intakes.ts';
import type { RunEnd } from '../../platform/runs.ts';
import type { Platform } from '../../platform/start.ts';
import type { Acting, Message } from './index.ts';

/** Who acts by an interaction, and the message that a flow gets of it. The member becomes a player on the way. */
async function fromInteraction(
  platform: Platform,
  interaction: Interaction,
): Promise<{ acting: Acting; message: Message }> {
  const player = await playerOfMember(platform.database, interaction.user);
  return {
    acting: {
      player,
      discord_id: interaction.user.id,
      roles: interaction.roles,
      scopes: [],
      source: interaction.id,
    },
    message: { topic: interaction.path, payload: { ...interaction.options }, interaction: { ...interaction } },
  };
}

/**
 * Takes the interactions that an intake asks for and sends each into its flow.
 * @returns what ends it
 */
export function takeInteractions(
  platform: Platform,
  run: (acting: Acting, message: Message) => Promise<RunEnd>,
  intake: Omit<InteractionIntake, 'take'>,
): () => void {
  return platform.intakes.addInteraction({
    ...intake,
    take: async (interaction) => {
      try {
        const { acting, message } = await fromInteraction(platform, interaction);
        return await run(acting, message);
      } catch (error) {
        return { fault: toFault(error), cutOff: false };
      }
    },
  });
}
