import { loadCommunity } from '../../platform/communities.ts';
import type { Database } from '../../platform/database/index.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';

/** A person with the roles that Discord gave them with what they did. */
export interface Person {
  player: number;
  discordId: string | null;
  roles: { id: string; name: string }[];
}

/**
 * Rights belong to the rule: whoever wires the flow, only holders of the community's approver roles decide.
 * @param what what they want to do, as the beginning of a sentence: “Deciding requests”
 * @returns the refusal, or null where they may
 */
export async function refuseUnlessApprover(
  database: Database,
  community: string,
  { roles }: Pick<Person, 'roles'>,
  what: string,
): Promise<{ refusal: Refusal } | null> {
  const { approverRoles } = await loadCommunity(database, community);
  if (roles.some(({ id, name }) => approverRoles.includes(id) || approverRoles.includes(name))) return null;
  // Discord shows a role that is named by its id with its name, and pings nobody by it here.
  const shown = approverRoles.map((role) => (/^\d{17,20}$/.test(role) ? `<@&${role}>` : role));
  const names = shown.length > 0 ? shown.join(', ') : 'nobody yet';
  return refusal('not-an-approver', 403, 'Not allowed', `${what} takes one of these roles: ${names}.`);
}
