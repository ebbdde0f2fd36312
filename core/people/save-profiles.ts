import { sql } from 'kysely';
import type { Database, Tx } from '../../platform/database/index.ts';
import type { Refusal } from '../../platform/fault.ts';
import { type ProfileText, readProfile } from './profile-text.ts';

/** What is said of a web app's person: what is left out stays as it is, and is null of somebody new. */
export interface GivenProfile {
  id: string;
  profile: Partial<ProfileText> & Pick<ProfileText, 'name'>;
}

/** What saving changes: a person is new, something that boards show is, only what they do not show, or nothing. */
export type ProfileChange = 'new' | 'shown' | 'unseen' | 'none';

export interface SavedProfile {
  player: number;
  change: ProfileChange;
  profile: ProfileText;
}

interface Held {
  player: number;
  profile: ProfileText;
}

const NOTHING_SAID = { region: null, company: null, email: null };

/**
 * Makes a player of a web app's person, or brings what it says of them up to date.
 * @param given as it came: `{name, region?, company?, email?}`; checked here
 */
export async function saveProfile(
  tx: Tx,
  community: string,
  webId: unknown,
  given: unknown,
): Promise<SavedProfile | { refusal: Refusal }> {
  const read = readProfile(webId, given);
  if ('refusal' in read) return read;
  const [saved] = await saveProfiles(tx, community, [read]);
  if (!saved) throw new Error('a profile was given and not saved');
  return saved;
}

/**
 * The same for many that were read already.
 * @param given each id once
 * @returns what became of each, in their order
 */
export async function saveProfiles(tx: Tx, community: string, given: readonly GivenProfile[]): Promise<SavedProfile[]> {
  const saved = new Map<string, SavedProfile>();
  let left = given;
  // Whom another transaction has made meanwhile is not made again: another round finds them.
  while (left.length > 0) {
    const held = await heldBy(tx, community, left, sql`order by player_id for no key update`);
    const changed: Held[] = [];
    const fresh: GivenProfile[] = [];
    for (const one of left) {
      const before = held.get(one.id);
      if (!before) fresh.push(one);
      else {
        const after = { player: before.player, profile: { ...before.profile, ...one.profile } };
        const change = changeBetween(before.profile, after.profile);
        if (change !== 'none') changed.push(after);
        saved.set(one.id, { ...after, change });
      }
    }
    if (changed.length > 0) await update(tx, community, changed);
    if (fresh.length > 0) {
      const players = await insert(tx, community, fresh);
      for (const { id, profile } of fresh) {
        const player = players.get(id);
        if (player !== undefined) saved.set(id, { player, change: 'new', profile: { ...NOTHING_SAID, ...profile } });
      }
    }
    left = left.filter(({ id }) => !saved.has(id));
  }
  return given.flatMap(({ id }) => saved.get(id) ?? []);
}

/**
 * Says what saving would change, and locks nobody.
 * @returns of each, in their order; `player` is null where they are new
 */
export async function compareProfiles(
  database: Database,
  community: string,
  given: readonly GivenProfile[],
): Promise<{ player: number | null; change: ProfileChange }[]> {
  const held = await heldBy(database, community, given, sql``);
  return given.map(({ id, profile }) => {
    const before = held.get(id);
    if (!before) return { player: null, change: 'new' };
    return { player: before.player, change: changeBetween(before.profile, { ...before.profile, ...profile }) };
  });
}

function changeBetween(before: ProfileText, after: ProfileText): ProfileChange {
  const isSame = (field: keyof ProfileText) => before[field] === after[field];
  if (!isSame('name') || !isSame('region') || !isSame('company')) return 'shown';
  return isSame('email') ? 'none' : 'unseen';
}

async function heldBy(
  database: Database,
  community: string,
  given: readonly GivenProfile[],
  ending: ReturnType<typeof sql>,
): Promise<Map<string, Held>> {
  const { rows } = await sql<ProfileText & { player: number; id: string }>`
    select player_id as player, web_id as id, full_name as name, region, company, email from profiles
    where community_id = ${community} and web_id = any(${given.map(({ id }) => id)}::text[])
    ${ending}`.execute(database);
  return new Map(rows.map(({ id, player, ...profile }) => [id, { player, profile }]));
}

async function update(tx: Tx, community: string, changed: Held[]): Promise<void> {
  const column = (field: keyof ProfileText) => changed.map(({ profile }) => profile[field]);
  await sql`
    update profiles set full_name = given.name, region = given.region, company = given.company, email = given.email,
      updated_at = now()
    from unnest(
      ${changed.map(({ player }) => player)}::bigint[], ${column('name')}::text[], ${column('region')}::text[],
      ${column('company')}::text[], ${column('email')}::text[]
    ) as given (player, name, region, company, email)
    where community_id = ${community} and player_id = given.player`.execute(tx);
}

/** @returns the new players by their web ids; without those whom somebody else has made meanwhile */
async function insert(tx: Tx, community: string, fresh: GivenProfile[]): Promise<Map<string, number>> {
  const column = (field: keyof ProfileText) => fresh.map(({ profile }) => profile[field] ?? null);
  const { rows } = await sql<{ player_id: number; web_id: string }>`
    with given as (
      select nextval(pg_get_serial_sequence('players', 'id')) as player, given.* from (
        select * from unnest(
          ${fresh.map(({ id }) => id)}::text[], ${column('name')}::text[], ${column('region')}::text[],
          ${column('company')}::text[], ${column('email')}::text[]
        ) with ordinality as given (id, name, region, company, email, place) order by place
      ) as given
    ), profile as (
      insert into profiles (community_id, player_id, web_id, full_name, region, company, email)
      select ${community}, player, id, name, region, company, email from given
      on conflict (community_id, web_id) do nothing
      returning player_id, web_id
    ), player as (
      insert into players (id) overriding system value select player_id from profile
    )
    select player_id, web_id from profile`.execute(tx);
  return new Map(rows.map(({ player_id, web_id }) => [web_id, player_id]));
}
