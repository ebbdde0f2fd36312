import { JOIN_ROUTES } from '../oauth2/add-member.ts';
import { PERSON_ROUTES } from '../oauth2/me.ts';
import { TOKEN_ROUTES } from '../oauth2/token.ts';
import { APPLICATION_ROUTES } from './application.ts';
import { BAN_ROUTES } from './bans.ts';
import { CHANNEL_ROUTES } from './channels.ts';
import { COMMAND_ROUTES } from './commands.ts';
import { GUILD_ROUTES } from './guilds.ts';
import { INTERACTION_ROUTES } from './interactions.ts';
import { INVITE_ROUTES } from './invites.ts';
import { MEMBER_ROUTES } from './members.ts';
import { MESSAGE_ROUTES } from './messages.ts';
import { METADATA_ROUTES } from './metadata.ts';
import { OVERWRITE_ROUTES } from './overwrites.ts';
import { PIN_ROUTES } from './pins.ts';
import { REACTION_ROUTES } from './reactions.ts';
import { ROLE_ROUTES } from './roles.ts';
import type { Route } from './route.ts';
import { THREAD_MEMBER_ROUTES } from './thread-members.ts';
import { THREAD_ROUTES } from './threads.ts';
import { USER_ROUTES } from './users.ts';
import { VOICE_ROUTES } from './voice.ts';
import { WEBHOOK_MESSAGE_ROUTES } from './webhook-messages.ts';
import { WEBHOOK_ROUTES } from './webhooks.ts';

/** Every route of the REST API. */
export const ROUTES: readonly Route[] = [
  ...APPLICATION_ROUTES,
  ...METADATA_ROUTES,
  ...USER_ROUTES,
  ...GUILD_ROUTES,
  ...MEMBER_ROUTES,
  ...BAN_ROUTES,
  ...ROLE_ROUTES,
  ...CHANNEL_ROUTES,
  ...OVERWRITE_ROUTES,
  ...THREAD_ROUTES,
  ...THREAD_MEMBER_ROUTES,
  ...VOICE_ROUTES,
  ...INVITE_ROUTES,
  ...WEBHOOK_ROUTES,
  ...WEBHOOK_MESSAGE_ROUTES,
  ...MESSAGE_ROUTES,
  ...PIN_ROUTES,
  ...REACTION_ROUTES,
  ...COMMAND_ROUTES,
  ...INTERACTION_ROUTES,
  ...JOIN_ROUTES,
  ...PERSON_ROUTES,
  ...TOKEN_ROUTES,
];

interface Matched<R> {
  route: R;
  params: Record<string, string>;
}

/** Matches paths against a table of routes; a literal segment goes before a parameter. */
export class Router<R extends { method: string; path: string }> {
  readonly #routes: { route: R; segments: string[] }[];

  constructor(routes: readonly R[]) {
    const rank = (segments: string[]) => segments.map((segment) => (segment.startsWith(':') ? '1' : '0')).join('');
    this.#routes = routes
      .map((route) => ({ route, segments: route.path.split('/').slice(1) }))
      .sort((a, b) => (rank(a.segments) < rank(b.segments) ? -1 : 1));
  }

  /** The route of a request; `otherMethods` tells a wrong method from an unknown path. */
  match(method: string, path: string): Matched<R> | { otherMethods: boolean } {
    const segments = path.split('/').slice(1);
    let otherMethods = false;
    for (const { route, segments: pattern } of this.#routes) {
      const params = matchSegments(pattern, segments);
      if (params === undefined) continue;
      if (route.method === method) return { route, params };
      otherMethods = true;
    }
    return { otherMethods };
  }
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined;
    } else {
      if (segment === '') return undefined;
      params[part.slice(1)] = segment;
    }
  }
  return params;
}
