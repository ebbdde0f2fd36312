import type { FirstRunState } from '../state.ts';
import { fill, texts } from './texts.ts';

/** Where Node-RED's editor keeps its sign-in: this page shares it. */
const SESSION = 'auth-tokens-editor';
const BASE = '/editor/guildhall/setup/api/';

/** The editor's session is missing or over. */
export class SignedOut extends Error {}
/** A "no" with words for the person. */
export class Refusal extends Error {}
/** Nobody answered, or the program is starting. */
export class Away extends Error {}

/** What a step's action answers with. */
export interface Answer {
  state?: FirstRunState;
  restarting?: boolean;
  sent?: { content: string; author: string; channel: string; link: string };
}

export const readState = (): Promise<FirstRunState> => ask('state') as Promise<FirstRunState>;

/** Asks the program to do something. @throws SignedOut, Refusal, Away */
export const act = (action: string, body: object = {}): Promise<Answer> => ask(action, body) as Promise<Answer>;

async function ask(path: string, body?: object): Promise<unknown> {
  const session = token();
  if (!session) throw new SignedOut();
  const response = await send(`${BASE}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${session}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.status === 401) throw new SignedOut();
  if (response.status === 503) throw new Away();
  if (response.ok) return response.json();
  const { code = '', values = {} } = (await response.json().catch(() => ({}))) as Problem;
  const known: Record<string, string> = texts.refusals;
  throw new Refusal(fill(known[code] ?? texts.errors.unknown, values));
}

interface Problem {
  code?: string;
  values?: Record<string, string>;
}

/** Signs in as the editor does (Node-RED, admin API). @throws Refusal for a wrong password */
export async function signIn(password: string): Promise<void> {
  const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username: 'admin', password };
  const response = await send('/editor/auth/token', { method: 'POST', body: new URLSearchParams(form) });
  if (!response.ok) throw new Refusal(texts.signIn.wrong);
  localStorage.setItem(SESSION, JSON.stringify(await response.json()));
}

function token(): string {
  try {
    return String(JSON.parse(localStorage.getItem(SESSION) ?? '{}').access_token ?? '');
  } catch {
    return '';
  }
}

async function send(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...options, cache: 'no-store' });
  } catch {
    throw new Away();
  }
}
