import type { Database } from '../../platform/database/index.ts';
import type { KeptAnswers } from '../../platform/web/kept-answers.ts';
import type { LiveFeed } from '../../platform/web/live-feed.ts';
import type { LiveBoard } from './live-board.ts';
import { entriesOf } from './pages.ts';

/** Changes are told to pages together. */
const TELL_MILLISECONDS = 500;
const MOST_TOLD = 100;

/** The topic under which answers about a community's boards are kept. */
export const boardsTopic = (community: string): string => `boards/${community}`;

/** What telling takes. */
export interface Parts {
  database: Database;
  keptAnswers: KeptAnswers;
  liveFeed: LiveFeed;
  report(message: string): void;
}

/** Has pages hear of what boards show. */
export interface Telling {
  /** What a board shows has changed: a player's place, or all of it where there is no slot. */
  shown(board: LiveBoard, slot: number | null): void;
  /** What is known of a community's players has changed, whether or not boards show it. */
  known(community: string): void;
  stop(): void;
}

/** Forgets kept answers at once, and tells the live feed of the best of those who changed, twice a second. */
export function tellPages({ database, keptAnswers, liveFeed, report }: Parts): Telling {
  const changedSlots = new Map<LiveBoard, Set<number>>();
  let telling: NodeJS.Timeout | null = null;

  const tell = async (board: LiveBoard, slots: Set<number>): Promise<void> => {
    const standings = board.loaded?.standings;
    if (!standings) return;
    const rows = [...slots]
      .map((slot) => ({ slot, rank: standings.rank(slot) }))
      .sort((one, other) => one.rank - other.rank);
    const best = rows.filter(({ rank }) => rank > 0).slice(0, MOST_TOLD);
    const { community, key } = board.board;
    const data = {
      board: key,
      total_players: standings.size,
      generated_at: board.changedAt.toISOString(),
      changes: await entriesOf(database, board, best),
      more: rows.length - best.length,
    };
    liveFeed.send(community, 'board', data, key);
  };

  const tellAll = async (): Promise<void> => {
    for (const [board, slots] of [...changedSlots]) {
      changedSlots.delete(board);
      await tell(board, slots);
    }
  };

  return {
    shown: (board, slot) => {
      board.changedAt = new Date();
      keptAnswers.forget(boardsTopic(board.board.community));
      // Who is on the board no more is named no more, not even to who says that they missed it.
      if (slot === null || !board.loaded?.standings.has(slot)) liveFeed.forget(board.board.community);
      const slots = changedSlots.get(board) ?? new Set();
      changedSlots.set(board, slots);
      if (slot !== null) slots.add(slot);
      telling ??= setTimeout(() => {
        telling = null;
        tellAll().catch((error: Error) => report(error.message));
      }, TELL_MILLISECONDS);
    },
    known: (community) => keptAnswers.forget(boardsTopic(community)),
    stop: () => {
      if (telling) clearTimeout(telling);
    },
  };
}
