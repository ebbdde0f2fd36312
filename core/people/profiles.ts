import { type RawBuilder, sql } from 'kysely';
import type { Database, Tx } from '../../platform/database/index.ts';
import { people } from './tables.ts';

/** How a player without a web app's id is called outside: `player:17`. */
const OWN_ID = /^player:(\d{1,15})$/;

export const publicId = (player: number, webId: string | null): string => webId ?? `player:${player}`;

/** Tells the player behind a name, or null: unknown here, or forgotten. */
export type PlayerOf = (name: string | number) => number | null;

/**
 * Locks players for what follows in the transaction, in one order, so that two batches never wait for each other.
 * @param named web apps' ids as text (or `player:17`), our own as numbers
 */
export const lockPlayers = (tx: Tx, community: string, named: readonly (string | number)[]): Promise<PlayerOf> =>
  playersBehind(tx, community, named, sql`order by player_id for no key update`);

/** The same, and nothing is locked: a player found may be forgotten in the next moment. */
export const findPlayers = (
  database: Database,
  community: string,
  named: readonly (string | number)[],
): Promise<PlayerOf> => playersBehind(database, community, named, sql``);

async function playersBehind(
  database: Database,
  community: string,
  named: readonly (string | number)[],
  ending: RawBuilder<unknown>,
): Promise<PlayerOf> {
  // What PostgreSQL cannot hold is nobody's.
  const ours = named.flatMap((name) => ownId(name) ?? []).filter(Number.isSafeInteger);
  const theirs = named.filter((name) => typeof name === 'string' && ownId(name) === null && !name.includes('\0'));
  const { rows } = await sql<{ player_id: number; web_id: string | null }>`
    select player_id, web_id from profiles
    where community_id = ${community} and forgotten_at is null
      and (player_id = any(${[...new Set(ours)]}::bigint[]) or web_id = any(${[...new Set(theirs)]}::text[]))
    ${ending}`.execute(database);
  const byWebId = new Map(rows.map(({ web_id, player_id }) => [web_id, player_id]));
  const known = new Set(rows.map(({ player_id }) => player_id));
  return (name) => {
    const own = ownId(name);
    if (own !== null) return known.has(own) ? own : null;
    return byWebId.get(name as string) ?? null;
  };
}

/** The player behind one name. */
export const findPlayerId = async (
  database: Database,
  community: string,
  named: string | number,
): Promise<number | null> => (await findPlayers(database, community, [named]))(named);

/**
 * Blanks what is known of a player in a community. Their Discord account goes, too, unless another community knows it;
 * whoever uses a command with it afterwards is somebody new.
 */
export async function forgetProfile(tx: Tx, community: string, player: number): Promise<void> {
  const blank = { web_id: null, full_name: null, email: null, region: null, company: null, exclusion_reason: null };
  await people(tx)
    .updateTable('profiles')
    .set({ ...blank, forgotten_at: sql<Date>`now()`, updated_at: sql<Date>`now()` })
    .where('community_id', '=', community)
    .where('player_id', '=', player)
    .execute();
  await sql`
    delete from links where player_id = ${player}
      and not exists (select from profiles where player_id = ${player} and forgotten_at is null)`.execute(tx);
}

function ownId(name: string | number): number | null {
  if (typeof name === 'number') return name;
  const [, digits] = OWN_ID.exec(name) ?? [];
  return digits === undefined ? null : Number(digits);
}
