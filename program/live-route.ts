import type { Response } from 'express';
import { z } from 'zod';
import { boardsOf } from '../core/boards/index.ts';
import { wait } from '../platform/clock.ts';
import type { Platform } from '../platform/start.ts';
import type { NoView } from '../platform/web/live-feed.ts';
import type { Problem } from '../platform/web/problem.ts';
import { FLOWS_AWAY_MILLISECONDS } from './flow-paths.ts';

/** Whoever may read the pages may hear how they change. */
const PAGE_ROUTE = 'GET /api/leaderboard';

const CLOSED: Problem = {
  status: 403,
  code: 'closed',
  detail: `This is open while ${PAGE_ROUTE} of the same community is open to everybody: see the web guard behind that.`,
};

const STARTING: Problem = { status: 503, code: 'starting', detail: 'Guildhall is starting. Try again in a moment.' };

const REFUSALS: Record<NoView, Problem> = {
  crowded: { status: 503, code: 'too-many-viewers', detail: 'All places are taken. Ask for the board instead.' },
  greedy: { status: 429, code: 'too-many-of-one', detail: 'This address views often enough at once. Close a page.' },
  stopped: { status: 503, code: 'stopping', detail: 'Guildhall is stopping. Try again in a moment.' },
};
const RETRY_SECONDS = '30';

/** Only what a viewer may say, each once. */
const parameters = z.strictObject({
  community: z
    .string()
    .regex(/^\d{17,20}$/)
    .optional(),
  board: z.string().min(1).max(100).optional(),
});

/**
 * Begins a stream of what changes: of the installation's community unless `?community=` names another by its server's
 * id, and of one board where `?board=` names it. It is open to everybody as long as the pages of boards are.
 * @param platform null while the program starts
 * @returns null, or why not
 */
export async function viewLive(platform: Platform | null, response: Response): Promise<Problem | null> {
  const { req: request } = response;
  const given = parameters.safeParse(request.query);
  if (!given.success) {
    return {
      status: 400,
      code: 'bad-parameter',
      detail: 'Use community (a server’s id) and board, each once at most, and nothing else.',
    };
  }
  if (!platform) return STARTING;
  const { community = platform.discordSettings.guildId, board = null } = given.data;
  const { gate, web } = platform;
  // A browser that is told no does not come back: those who were connected before a restart wait for the flows.
  if (!gate.isOpen) await Promise.race([gate.pass(), wait(FLOWS_AWAY_MILLISECONDS)]);
  if (response.destroyed) return null;
  if (!gate.isOpen) return STARTING;
  if (!web.isPublic(PAGE_ROUTE, community)) return CLOSED;
  const unknown = board === null ? null : boardsOf(platform).refusalOf(community, board);
  if (unknown?.status === 404) return unknown;
  if (request.method === 'HEAD') {
    response.type('text/event-stream').end();
    return null;
  }
  const refused = platform.liveFeed.view(request, response, {
    ...{ community, topic: board },
    mayGoOn: () => web.isPublic(PAGE_ROUTE, community),
  });
  if (!refused) return null;
  response.set('Retry-After', RETRY_SECONDS);
  return REFUSALS[refused];
}
