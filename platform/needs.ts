import type { IntentName } from './discord/intents.ts';
import type { PermissionName } from './discord/permissions.ts';

/** Something that a node asks of Discord, so far as its settings alone tell. */
export interface Need {
  /** The guild where it needs it; without one that of the community which the node names, or every community's. */
  guild?: string;
  permissions?: readonly PermissionName[];
  /** The channel where it needs them, by id or name; without one it needs them in the server. */
  channel?: string;
  /** Roles that it gives or takes, by id or name: they must stand below the bot's. */
  movesRoles?: readonly string[];
  /** Roles that only have to be there, by id or name. */
  namesRoles?: readonly string[];
  /** Gateway intents beyond Guilds. */
  intents?: readonly IntentName[];
}

/** A need with the node that has it. */
export interface DeployedNeed extends Need {
  node: { id: string; type: string; name: string };
}

/** What the deployed nodes ask of Discord: the intents to connect with, the permissions to invite the bot with. */
export interface Needs {
  add(needs: readonly DeployedNeed[]): () => void;
  all(): DeployedNeed[];
  /** Every intent that is needed, Guilds always among them. */
  intents(): IntentName[];
}

export function createNeeds(): Needs {
  const groups = new Set<readonly DeployedNeed[]>();
  const all = () => [...groups].flat();
  return {
    add: (needs) => {
      groups.add(needs);
      return () => void groups.delete(needs);
    },
    all,
    intents: () => [...new Set<IntentName>(['Guilds', ...all().flatMap(({ intents = [] }) => intents)])],
  };
}
