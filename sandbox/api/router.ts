import { CHANNEL_ROUTES } from './channels.ts';
import { COMMAND_ROUTES } from './commands.ts';
import { GUILD_ROUTES } from './guilds.ts';
import { INTERACTION_ROUTES } from './interactions.ts';
import type { Route } from './route.ts';
import { USER_ROUTES } from './users.ts';

/** Every route of the REST API. */
export const ROUTES: readonly Route[] = [
  ...USER_ROUTES,
  ...GUILD_ROUTES,
  ...CHANNEL_ROUTES,
  ...COMMAND_ROUTES,
  ...INTERACTION_ROUTES,
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
