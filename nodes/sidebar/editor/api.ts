import { editor } from './red.ts';
import { text } from './texts.ts';

/** What the program answers instead of what was asked for, with a sentence for the admin. */
export class Problem extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Asks the running program, as who is signed in to the editor.
 * @param path below `guildhall/`; with a body it is a POST
 * @throws Problem, with the code `unreachable` where nobody answers, `absent` where the program lacks the route, and
 * `refused` where this user may not
 */
export async function ask<T>(path: string, body?: object): Promise<T> {
  const token = editor.settings.get('auth-tokens')?.access_token;
  const headers = {
    accept: 'application/json',
    // The editor's language, which its user can choose apart from the browser's.
    'accept-language': editor.i18n.lang(),
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json' }),
  };
  const response = await fetch(`guildhall/${path}`, {
    headers,
    cache: 'no-store',
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Problem('unreachable', text('problems.unreachable'));
  });
  const answer = (await response.json().catch(() => null)) as (T & { code?: string; detail?: string }) | null;
  if (response.ok) return answer as T;
  const code = answer?.code ?? (response.status === 404 ? 'absent' : 'refused');
  throw new Problem(code, answer?.detail ?? text(`problems.${code}`));
}
