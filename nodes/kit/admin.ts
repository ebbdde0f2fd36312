import type { NodeAPI } from 'node-red';
import { Fault, toFault } from '../../platform/fault.ts';
import type { Platform } from '../../platform/start.ts';
import { titleOf } from '../../platform/web/problem.ts';
import { platformOf } from './runtime.ts';

/** What the editor asks of the running program. */
export interface AdminRoute {
  method: 'get' | 'post';
  /** Below `/guildhall`, with Express' parameters: `/guilds/:guild/roles`. */
  path: string;
  /** What of Node-RED's permissions it needs; `read` and `*` of Node-RED's users cover them. */
  permission: 'guildhall.read' | 'guildhall.write';
  /** Answers with what becomes JSON. @throws Fault with a sentence for the admin */
  handle(context: {
    platform: Platform;
    params: Record<string, string>;
    query: Record<string, string>;
    /** As it came: whoever reads it checks it. */
    body: unknown;
    /** What the reader understands, the best first. */
    languages: string[];
  }): Promise<unknown>;
}

/**
 * Serves routes to Node-RED's editor, to who is signed in and may. A Fault becomes problem+json (RFC 9457): 503 where
 * it passes by itself, else 400; anything else is a 500 whose cause only the log says.
 */
export function serveAdmin(RED: NodeAPI, routes: readonly AdminRoute[]): void {
  for (const { method, path, permission, handle } of routes) {
    RED.httpAdmin[method](`/guildhall${path}`, RED.auth.needsPermission(permission), async (request, response) => {
      const { params, query, body } = request;
      try {
        const platform = platformOf(RED);
        const languages = request.acceptsLanguages();
        response.json((await handle({ platform, params, query: onlyStrings(query), body, languages })) ?? null);
      } catch (error) {
        const { status, ...problem } = problemOf(RED, error);
        response
          .status(status)
          .type('application/problem+json')
          .send(JSON.stringify({ type: 'about:blank', status, ...problem }));
      }
    });
  }
}

/** A parameter that is there twice, or nested, is none. */
function onlyStrings(query: object): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => typeof value === 'string'));
}

function problemOf(RED: NodeAPI, error: unknown) {
  const fault = error instanceof Fault ? error : toFault(error);
  if (fault.code === 'unexpected') {
    RED.log.error(`Guildhall: ${fault.message}`);
    return { status: 500, title: 'Unexpected', code: fault.code, detail: 'This went wrong; the log says why.' };
  }
  return {
    status: fault.retry ? 503 : 400,
    title: titleOf(fault.code),
    code: fault.code,
    detail: fault.message,
  };
}
