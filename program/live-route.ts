import type { Response } from 'express';
import { z } from 'zod';
import type { Platform } from '../platform/start.ts';
import type { NoView } from '../platform/web/live-feed.ts';

/** Why there is no stream of events. */
interface Refused {
  status: number;
  code: string;
  detail: string;
}

const STARTING: Refused = { status: 503, code: 'starting', detail: 'Guildhall is starting. Try again in a moment.' };

const REFUSALS: Record<NoView, Refused> = {
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
 * id, and of one board where `?board=` names it.
 * @param platform null while the program starts
 * @returns null, or why not
 */
export function viewLive(platform: Platform | null, response: Response): Refused | null {
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
  if (request.method === 'HEAD') {
    response.type('text/event-stream').end();
    return null;
  }
  const refused = platform.liveFeed.view(request, response, { community, topic: board });
  if (!refused) return null;
  response.set('Retry-After', RETRY_SECONDS);
  return REFUSALS[refused];
}
