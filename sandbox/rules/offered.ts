import type { Command } from '../state/model.ts';
import { allows, PERMISSION } from './permissions.ts';

/**
 * Why a member is not offered a command, in words; undefined when it is.
 * `bits` are the member's permissions in the channel, null in a direct message
 * (docs: interactions/application-commands, "Permissions", "Contexts").
 */
export function whyNotOffered(command: Command, bits: bigint | null): string | undefined {
  const { name, contexts, default_member_permissions: needed } = command;
  if (bits === null) return command.dm_permission ? undefined : `/${name} is not offered in DMs`;
  if (contexts !== null && !contexts.includes(0)) return `/${name} is not offered in servers`;
  if (!allows(bits, PERMISSION.USE_APPLICATION_COMMANDS)) return 'this member may not use commands here';
  const admin = allows(bits, PERMISSION.ADMINISTRATOR);
  if (needed !== null && !admin && (needed === '0' || !allows(bits, BigInt(needed)))) {
    return `this member is not shown /${name}: it lacks the permissions that the command needs`;
  }
  return undefined;
}
