import { type Refusal, refusal } from '../../platform/fault.ts';

/** What the web app says of a person. */
export interface ProfileText {
  name: string;
  region: string | null;
  company: string | null;
  email: string | null;
}

/** Why a person cannot be read, and where it is said. */
export interface ProfileProblem {
  field: 'id' | keyof ProfileText;
  detail: string;
}

const MOST = { id: 100, name: 100, region: 60, company: 60, email: 254 };
export const PROFILE_FIELDS = ['name', 'region', 'company', 'email'] as const;

/** Reads what a web app says of a person. */
export function readProfile(
  webId: unknown,
  given: unknown,
): { id: string; profile: ProfileText } | { refusal: Refusal } {
  const bad = (detail: string) => refusal('invalid-player', 422, 'Not a possible player', detail);
  const badId = refuseId(webId);
  if (badId) return bad(badId);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return bad('Send {"name": "…", "region": "…", "company": "…", "email": "…"}.');
  }
  const said = given as Record<string, unknown>;
  const unknown = Object.keys(said).find(
    (field) => !(PROFILE_FIELDS as readonly string[]).includes(field) && field !== 'id',
  );
  if (unknown !== undefined)
    return bad(`“${unknown.slice(0, 60)}” is not known; send name, region, company and email.`);
  const checked = checkProfile(webId, said);
  return 'problems' in checked ? bad(checked.problems[0]?.detail ?? '') : checked;
}

/**
 * Reads what is said of a person, and says all that is wrong with it.
 * @param said name, region, company and email, as they came; what is missing or empty is null
 */
export function checkProfile(
  webId: unknown,
  said: Record<string, unknown>,
): { id: string; profile: ProfileText } | { problems: ProfileProblem[] } {
  const problems: ProfileProblem[] = [];
  const badId = refuseId(webId);
  if (badId) problems.push({ field: 'id', detail: badId });
  const texts: Partial<ProfileText> = {};
  for (const field of PROFILE_FIELDS) {
    const read = readField(field, said[field] ?? null);
    if (typeof read === 'object' && read !== null) problems.push({ field, ...read });
    else texts[field] = read as never;
  }
  if (problems.length > 0) return { problems };
  return { id: webId as string, profile: texts as ProfileText };
}

function refuseId(webId: unknown): string | null {
  if (typeof webId !== 'string' || webId === '' || webId.length > MOST.id || !isText(webId)) {
    return `A player's id is text of 1 to ${MOST.id} characters.`;
  }
  return webId.startsWith('player:') ? 'Ids that begin with “player:” are kept for players without a web id.' : null;
}

function readField(field: keyof ProfileText, value: unknown): string | null | { detail: string } {
  if (value !== null && (typeof value !== 'string' || !isText(value))) return { detail: `The ${field} must be text.` };
  // One line each: they stand in lists and sentences.
  const text = value?.replace(/\s+/gu, ' ').trim() || null;
  if (text && [...text].length > MOST[field]) {
    return { detail: `The ${field} is longer than ${MOST[field]} characters.` };
  }
  if (field === 'name' && !text) return { detail: 'A player needs a name.' };
  if (field === 'email' && text && !/^[^\s@]+@[^\s@]+$/.test(text)) return { detail: 'The email is not an address.' };
  return text;
}

const isText = (value: string): boolean => value.isWellFormed() && !value.includes('\0');
