import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { startPage } from '../pages/start-page.ts';
import type { Configuration } from '../platform/configuration.ts';
import type { Platform } from '../platform/start.ts';
import { PUBLIC_HEADERS } from '../platform/web/headers.ts';
import type { KeptAnswers } from '../platform/web/kept-answers.ts';
import { sendProblem } from '../platform/web/problem.ts';
import { refuseForeign } from './access.ts';
import { doctorRoute } from './doctor-route.ts';
import { discordHealth, health } from './health.ts';
import { viewLive } from './live-route.ts';

/** What the web routes need to know of the program. */
export interface WebContext {
  configuration: Configuration;
  /** null while the program starts. */
  platform(): Platform | null;
  /** True under the plain `node-red` command, which starts no first-run page. */
  plain?: boolean;
  /** What keeps flows from being loaded. */
  flowProblems(): string[];
}

type Handler = (context: WebContext, response: Response) => unknown;

/** Every path outside the editor that answers, all of them public and without a body. */
const ROUTES: Record<string, Handler> = {
  '/': (context, response) =>
    response
      .type('html')
      .send(startPage(context.configuration, context.platform()?.sandboxUrl ?? null, context.plain ?? false)),
  '/health': async (context, response) => {
    const report = await health(context.platform(), context.flowProblems());
    response.status(report.status === 'ok' ? 200 : 503).json(report);
  },
  '/health/discord': async (context, response) => {
    const report = await discordHealth(context.platform());
    response.status(report.status === 'healthy' ? 200 : 503).json(report);
  },
  '/api/live': async (context, response) => {
    const refused = await viewLive(context.platform(), response);
    if (refused) sendProblem(response, refused);
  },
};

/** The program's own routes. They stand behind the editor and in front of what flows answer. */
export function webRoutes(context: WebContext): Express {
  const app = express();
  app.disable('x-powered-by');
  for (const [path, handler] of Object.entries(ROUTES)) {
    app.get(path, async (_request, response, next) => {
      try {
        await handler(context, response);
      } catch (error) {
        next(error);
      }
    });
  }
  app.use(doctorRoute(context.configuration, context.platform));
  return app;
}

/** The refusal of every other path. */
export const nothingHere: RequestHandler = (_request, response) =>
  problem(response, 404, 'not-found', 'Nothing answers here.');

/** Refuses what names another host or comes from a page of another site. Stands before the editor and before the routes. */
export function foreignGuard(configuration: Configuration): RequestHandler {
  const refuse = refuseForeign(configuration);
  return (request, response, next) => {
    const sentence = refuse(request);
    if (sentence) return problem(response, 403, 'foreign-request', sentence);
    response.set({ ...PUBLIC_HEADERS, 'Cache-Control': 'no-store' });
    next();
  };
}

/** Answers what is kept, before Express looks at a request, and hands every other one on. */
export function keptFirst(configuration: Configuration, kept: KeptAnswers, next: RequestListener): RequestListener {
  const refuse = refuseForeign(configuration);
  return (request, response) => {
    const hand = () => next(request, response);
    if (refuse(request) === null) kept.serve(request, response, hand);
    else hand();
  };
}

/** Answers what no other handler did: a stranger is told neither where the program lies nor what it is made of. */
export function failures(log: (line: string) => void): ErrorRequestHandler {
  return (error: Error & { status?: number }, request, response, next) => {
    if (response.headersSent) return next(error);
    const { status = 500, message } = error;
    if (status < 500) return problem(response, status, 'not-understood', 'This request cannot be read.');
    log(`${request.method} ${request.path}: ${message}`);
    problem(response, 500, 'unexpected', 'This went wrong; the log says why.');
  };
}

const problem = (response: Response, status: number, code: string, detail: string): void =>
  sendProblem(response, { status, code, detail });
