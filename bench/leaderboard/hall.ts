import { wait } from '../../platform/clock.ts';
import { type Guildhall, startGuildhall } from '../contenders.ts';
import type { Say } from '../options.ts';
import { fillBoard } from './fill.ts';
import { withClient } from './prepare.ts';

/** More players than this change nothing of what a page of the best takes. */
const MOST_PLAYERS = 100_000;
/** The board that is meant where none is named. */
const KEY = 'all-time';
const PATIENCE_SECONDS = 60;

/** The whole program with the shipped flows, and players on their board. */
export async function startHall(say: Say, players: number): Promise<Guildhall> {
  const guildhall = await startGuildhall();
  try {
    const count = Math.min(players, MOST_PLAYERS);
    await withClient(guildhall.database(), async (client) => {
      const board = await until('the board of the shipped flows', async () => {
        const { rows } = await client.query('select id, community_id as community from boards where key = $1', [KEY]);
        return rows[0];
      });
      await fillBoard(client, board.community, board.id, count);
    });
    say(`the whole program, with ${count} players, starts again in ${await guildhall.start()} ms`);
    await until('a live board', async () => {
      const { total_players, warming } = await (await fetch(`${guildhall.url}/api/leaderboard`)).json();
      return total_players === count && !warming;
    });
    return guildhall;
  } catch (error) {
    await guildhall.stop();
    throw error;
  }
}

async function until<Found>(what: string, find: () => Promise<Found>): Promise<Found> {
  for (let waited = 0; waited < PATIENCE_SECONDS * 10; waited += 1) {
    const found = await find();
    if (found) return found;
    await wait(100);
  }
  throw new Error(`waited in vain for ${what}`);
}
