import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import texts from '../../pages/first-run/locales/en-US.json' with { type: 'json' };
import type { FirstRunState } from '../../pages/first-run/state.ts';
import type { Configuration } from '../../platform/configuration.ts';
import { examine } from '../../platform/doctor/index.ts';
import { readSavedSettings } from '../../platform/saved-settings.ts';
import type { Platform } from '../../platform/start.ts';
import { titleOf } from '../../platform/web/problem.ts';
import { health } from '../health.ts';
import { compiledRoot } from '../roots.ts';
import { ACTIONS, Refused } from './actions.ts';
import { lookAtCandidate, savedBot } from './candidate.ts';
import { canRestart } from './restart.ts';

/** Where the page stands: within the editor's address, whose sign-in it shares. */
export const FIRST_RUN_PATH = '/editor/guildhall/setup';

export interface FirstRunContext {
  /** Tells this start of the program from the next. */
  boot: string;
  configuration: Configuration;
  /** null while the program starts. */
  platform(): Platform | null;
  flowProblems(): string[];
  /** Lets through only who may change Guildhall. */
  permission: RequestHandler;
  /** Begins the program anew; an answer that is under way is given time to arrive. */
  restart(): void;
}

/** What the browser loads, by the last part of the path. */
const FILES: Record<string, { file: string; type: string }> = {
  '/': { file: 'index.html', type: 'html' },
  '/page.css': { file: 'page.css', type: 'css' },
  '/page.js': { file: 'page.js', type: 'js' },
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https://cdn.discordapp.com",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The first-run page and what it asks. The page itself holds nothing; every question needs the editor's sign-in, which
 * comes in a header that no other site's page can send.
 */
export function firstRunRoutes(context: FirstRunContext): Router {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    next();
  });
  const folder = join(compiledRoot, 'pages', 'first-run');
  for (const [path, { file, type }] of Object.entries(FILES)) {
    router.get(path, (_request, response) => response.type(type).send(readFileSync(join(folder, file))));
  }
  router.use('/api', context.permission, express.json({ limit: '8kb' }));
  router.get(
    '/api/state',
    answer(context, async (platform, request) => stateOf(context, platform, languagesOf(request))),
  );
  let turn: Promise<unknown> = Promise.resolve();
  // What one tab takes away while another goes live with it would be missing at the next start.
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = turn.then(act);
    turn = next.catch(() => {});
    return next;
  };
  for (const [name, act] of Object.entries(ACTIONS)) {
    router.post(
      `/api/${name}`,
      answer(context, async (platform, request) => {
        const { configuration } = context;
        const languages = languagesOf(request);
        const look = () => lookAtCandidate(configuration, platform, languages);
        const more = (await inTurn(() => act({ configuration, body: request.body, look }))) ?? {};
        if ('restart' in more) {
          if (canRestart()) context.restart();
          return { restarting: canRestart() };
        }
        return { ...more, state: await stateOf(context, platform, languages) };
      }),
    );
  }
  router.post(
    '/api/restart',
    answer(context, async () => {
      if (canRestart()) context.restart();
      return { restarting: canRestart() };
    }),
  );
  return router;
}

/** What the page's reader understands, the best first. */
const languagesOf = (request: Request): string[] => request.acceptsLanguages();

async function stateOf(
  context: FirstRunContext,
  platform: Platform,
  languages: readonly string[],
): Promise<FirstRunState> {
  const { configuration } = context;
  const { discordFrom, databaseUrl } = configuration;
  const live = discordFrom === 'first run';
  const { failure } = readSavedSettings(configuration.dataFolder);
  const candidate = await lookAtCandidate(configuration, platform, languages);
  const { status, problems } = await health(platform, context.flowProblems());
  return {
    ...candidate,
    boot: context.boot,
    ...(discordFrom !== 'sandbox' && { findings: await examine(platform, languages) }),
    mode: live ? 'live' : discordFrom === 'environment' ? 'environment' : 'demo',
    canRestart: canRestart(),
    databaseUrl: databaseUrl !== null && !live,
    failure,
    running: {
      application: platform.discord.applicationId,
      guild: platform.discordSettings.guildId,
      ready: status === 'ok' && platform.discord.status().state === 'ready',
      problems,
    },
    restartNeeded: live && differs(configuration),
  };
}

/** Whether something was saved that the running program does not have yet. */
function differs({ discord, names, ...configuration }: Configuration): boolean {
  const bot = savedBot({ discord, names, ...configuration });
  if (!bot || !discord) return false;
  const { saved } = bot;
  const pick = (settings: typeof discord, known: typeof names) =>
    JSON.stringify([settings.token, settings.clientSecret, settings.guildId, known.channels, known.roles]);
  return pick(bot, saved) !== pick(discord, names);
}

/** Answers in JSON; a "no" becomes problem+json (RFC 9457) whose code the page has words for. */
function answer(
  context: FirstRunContext,
  act: (platform: Platform, request: Request) => Promise<object>,
): RequestHandler {
  return async (request, response) => {
    try {
      const platform = context.platform();
      if (!platform) throw new Refused('starting');
      response.json(await act(platform, request));
    } catch (error) {
      refuse(response, error, context);
    }
  };
}

function refuse(response: Response, error: unknown, context: FirstRunContext): void {
  const known = error instanceof Refused;
  if (!known) context.platform()?.log.error(`first run: ${(error as Error).message}`);
  const code = known ? error.code : 'unexpected';
  const status = known ? (code === 'starting' ? 503 : 422) : 500;
  const sentences: Record<string, string> = texts.refusals;
  const values = known ? error.values : {};
  const detail = (sentences[code] ?? '').replace(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? '');
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: titleOf(code), status, detail, code, values }));
}
