import type { RequestHandler } from 'express';
import { wait } from '../platform/clock.ts';
import { toFault } from '../platform/fault.ts';
import type { Gate } from '../platform/gate.ts';
import type { Platform } from '../platform/start.ts';
import { passing } from '../platform/web/exchange.ts';
import { sendProblem } from '../platform/web/problem.ts';

/** A deploy takes far less; after this the caller is told. */
export const FLOWS_AWAY_MILLISECONDS = 20_000;

/**
 * Stands before the paths that flows answer: holds requests while flows restart, and refuses what must not reach
 * Node-RED at all.
 */
export function beforeFlowPaths(platform: () => Platform | null): RequestHandler {
  return async (request, response, next) => {
    if (!isDecodable(request.path)) {
      return sendProblem(response, { status: 400, code: 'not-understood', detail: 'This address cannot be read.' });
    }
    const running = platform();
    if (!running || !(await flowsRun(running.gate))) return sendProblem(response, passing('flows-stopped'));
    const closed = running.web.closedUnread(request.method, request.path);
    if (closed) return sendProblem(response, { status: 403, code: 'unguarded', detail: closed });
    next();
  };
}

/** Waits while a deploy holds them. */
async function flowsRun(gate: Gate): Promise<boolean> {
  if (gate.flowsRun && !gate.isOpen) await Promise.race([gate.pass(), wait(FLOWS_AWAY_MILLISECONDS)]);
  return gate.isOpen;
}

/** Node-RED would answer with its own page, which names folders of this machine. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Checks each request that an `http in` would take, by the `web-guard` behind it: Node-RED's `httpNodeMiddleware`. */
export function guardFlowPaths(platform: () => Platform): RequestHandler {
  return async (request, response, next) => {
    const { path } = request;
    try {
      const isIn = await platform().web.admit({ request, response, route: request.route.path, path });
      if (isIn) next();
    } catch (error) {
      // Node-RED's own answer to an error would say what it was.
      platform().log.error(`${request.method} ${path}: ${toFault(error).message}`);
      if (!response.headersSent) sendProblem(response, passing('unexpected'));
    }
  };
}
