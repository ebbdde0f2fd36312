import { sql } from 'kysely';
import { type AuditActor, writeAudit } from '../../platform/audit.ts';
import { type Database, inTransaction, type Tx } from '../../platform/database/index.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import {
  forgetProfile,
  type GivenProfile,
  lockPlayers,
  people,
  type SavedProfile,
  saveProfile,
  saveProfiles,
} from '../people/index.ts';
import { knownPlayers } from './known-players.ts';
import { lineOf } from './pictures/texts.ts';

/** A player as a web app sees what it has saved. */
export interface SavedPlayer {
  id: string;
  player: number;
  name: string;
  region: string | null;
  company: string | null;
  created: boolean;
}

/**
 * Makes a player of a web app's person, or brings it up to date, on the boards, too.
 * @param given as it came: `{name, region?, company?, email?}`
 */
export async function putPlayer(
  { database }: { database: Database },
  community: string,
  webId: unknown,
  given: unknown,
): Promise<SavedPlayer | { refusal: Refusal }> {
  return inTransaction(database, async (tx) => {
    const saved = await saveProfile(tx, community, webId, given);
    if ('refusal' in saved) return saved;
    await noteSaved(tx, community, [saved]);
    return savedPlayer(String(webId), saved);
  });
}

/**
 * The same for many that were read already, in the caller's transaction.
 * @param given each id once
 * @returns what became of each, in their order
 */
export async function savePlayers(tx: Tx, community: string, given: readonly GivenProfile[]): Promise<SavedProfile[]> {
  const saved = await saveProfiles(tx, community, given);
  await noteSaved(tx, community, saved);
  return saved;
}

/** Somebody new is on no board yet. */
const noteSaved = (tx: Tx, community: string, saved: SavedProfile[]): Promise<void> =>
  noteChanged(
    tx,
    community,
    saved.filter(({ change }) => change === 'shown').map(({ player }) => player),
  );

const savedPlayer = (
  id: string,
  { player, change, profile: { name, region, company } }: SavedProfile,
): SavedPlayer => ({
  id,
  player,
  name,
  region,
  company,
  created: change === 'new',
});

/** Every instance reads the players again once this commits. */
async function noteChanged(tx: Tx, community: string, players: number[]): Promise<void> {
  if (players.length === 0) return;
  await sql`
    insert into score_log (community_id, kind, player_id)
    select ${community}, 'player', player from unnest(${players}::bigint[]) as changed (player)`.execute(tx);
}

/** What can be said of a player on all boards. */
type Mark = { hidden: boolean } | { excluded: boolean; reason: unknown };

/**
 * Hides a player from the boards at their own wish, or takes them off by an admin's word, or brings them back. Scores go
 * on being counted; others' ranks are as if the player were not there.
 * @returns the player's public id and name; doing it twice changes nothing
 */
export async function markPlayer(
  { database }: { database: Database },
  marking: { community: string; player: number | string; mark: Mark; actor: AuditActor; source: string },
): Promise<{ player: string; name: string; changed: boolean } | { refusal: Refusal }> {
  const { community, player: named, mark, actor, source } = marking;
  const reason = 'reason' in mark ? readReason(mark.reason) : null;
  if (reason !== null && typeof reason === 'object') return reason;
  return inTransaction(database, async (tx) => {
    const player = (await lockPlayers(tx, community, [named]))(named);
    if (player === null) return noSuchPlayer(named);
    const column = 'hidden' in mark ? 'hidden_at' : 'excluded_at';
    const wanted = 'hidden' in mark ? mark.hidden : mark.excluded;
    const held = await people(tx)
      .selectFrom('profiles')
      .select(column)
      .where('community_id', '=', community)
      .where('player_id', '=', player)
      .executeTakeFirstOrThrow();
    const { id, name } = (await knownPlayers(tx, community, [player]))(player);
    if ((held[column] !== null) === wanted) return { player: id, name, changed: false };
    await people(tx)
      .updateTable('profiles')
      .set({ [column]: wanted ? sql`now()` : null, ...(column === 'excluded_at' && { exclusion_reason: reason }) })
      .where('community_id', '=', community)
      .where('player_id', '=', player)
      .execute();
    await noteChanged(tx, community, [player]);
    const done = { hidden_at: ['board.shown', 'board.hidden'], excluded_at: ['board.admitted', 'board.excluded'] };
    const action = String(done[column][wanted ? 1 : 0]);
    await writeAudit(tx, { community, actor, action, subject: `player/${player}`, source });
    return { player: id, name, changed: true };
  });
}

/**
 * Blanks what was known of a player in a community, with their Discord account; log rows and credits stay, with a number
 * that names nobody.
 */
export async function forgetPlayer(
  { database }: { database: Database },
  forgetting: { community: string; player: number; actor: AuditActor; source: string },
): Promise<void> {
  const { community, player, actor, source } = forgetting;
  await inTransaction(database, async (tx) => {
    await forgetProfile(tx, community, player);
    await noteChanged(tx, community, [player]);
    await writeAudit(tx, { community, actor, action: 'player.forgotten', subject: `player/${player}`, source });
  });
}

export const LONGEST_REASON = 500;

/** Why an admin did something: null where it says nothing, stored as written otherwise. */
export function readReason(given: unknown): string | null | { refusal: Refusal } {
  if (given === undefined || given === null || given === '') return null;
  const bad = (detail: string) => refusal('invalid-reason', 422, 'Not a possible reason', detail);
  if (typeof given !== 'string') return bad('The reason must be text.');
  const text = given.replaceAll('\0', '').toWellFormed();
  if (text.trim() === '') return null;
  return [...text].length > LONGEST_REASON ? bad(`Use up to ${LONGEST_REASON} characters.`) : text;
}

/**
 * @param named as it was asked for; a number is a member who was mentioned, and of no number it is said here whether it
 * is somebody's
 */
export function noSuchPlayer(named: string | number): { refusal: Refusal } {
  const called = lineOf(String(named), '');
  const byName = called ? `Nobody here is “${called}”.` : 'Say which player is meant.';
  const detail = typeof named === 'number' ? 'This member is no player here yet.' : byName;
  return refusal('player-not-found', 404, 'No such player', detail);
}
