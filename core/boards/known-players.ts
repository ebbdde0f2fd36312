import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { nameOf, people, publicId } from '../people/index.ts';
import type { BoardPlayer } from './entry.ts';

/** How others know somebody of whom nothing is kept. */
const UNKNOWN = {
  web_id: null,
  full_name: null,
  discord_display_name: null,
  discord_id: null,
  region: null,
  company: null,
};

/** What others may know of players, and the Discord account by which a message reaches them. */
export async function namedPlayers(
  database: Database,
  community: string,
  players: number[],
): Promise<(player: number) => BoardPlayer & { discord_id: string | null }> {
  const rows = await people(database)
    .selectFrom('profiles')
    .leftJoin('links', (join) =>
      join.onRef('links.player_id', '=', 'profiles.player_id').on('forgotten_at', 'is', null),
    )
    .select(['profiles.player_id', 'web_id', 'full_name', 'discord_display_name', 'discord_id', 'region', 'company'])
    .where('community_id', '=', community)
    .where('profiles.player_id', '=', sql<number>`any(${players}::bigint[])`)
    .execute();
  const byId = new Map(rows.map((row) => [row.player_id, row]));
  return (player) => {
    const { web_id, discord_id, region, company, ...names } = byId.get(player) ?? UNKNOWN;
    return { id: publicId(player, web_id), name: nameOf(player, names), region, company, discord_id };
  };
}

/** The same without the account: what anybody may know. */
export async function knownPlayers(
  database: Database,
  community: string,
  players: number[],
): Promise<(player: number) => BoardPlayer> {
  const named = await namedPlayers(database, community, players);
  return (player) => {
    const { discord_id: _account, ...known } = named(player);
    return known;
  };
}

/** A name from Discord changes without a row in the log: it shows as late as this. */
const KEPT_MILLISECONDS = 5000;
/** Twenty pages that nobody else asks for. */
const MOST_KEPT = 2000;

/** The best are asked for again and again: what anybody may know of them stays until the log says otherwise. */
export class KeptPlayers {
  #kept = new Map<number, { known: BoardPlayer; until: number }>();
  #forgotten = 0;

  /** The log says something of this player. */
  forget(player: number): void {
    this.#kept.delete(player);
    this.#forgotten += 1;
  }

  /** What anybody may know of players. */
  async known(database: Database, community: string, players: number[]): Promise<(player: number) => BoardPlayer> {
    const now = performance.now();
    const found = new Map<number, BoardPlayer>();
    for (const player of players) {
      const kept = this.#kept.get(player);
      if (kept && kept.until > now) found.set(player, kept.known);
    }
    const missing = players.filter((player) => !found.has(player));
    if (missing.length > 0) await this.#look(database, community, missing, found);
    return (player) => found.get(player) as BoardPlayer;
  }

  async #look(
    database: Database,
    community: string,
    players: number[],
    found: Map<number, BoardPlayer>,
  ): Promise<void> {
    const before = this.#forgotten;
    const known = await knownPlayers(database, community, players);
    for (const player of players) found.set(player, known(player));
    // What was said meanwhile may be of these.
    if (before !== this.#forgotten) return;
    if (this.#kept.size + players.length > MOST_KEPT) this.#kept.clear();
    const until = performance.now() + KEPT_MILLISECONDS;
    for (const player of players) this.#kept.set(player, { known: known(player), until });
  }
}
