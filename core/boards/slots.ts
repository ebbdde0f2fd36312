import { sql } from 'kysely';
import type { Tx } from '../../platform/database/index.ts';
import type { Board } from './boards.ts';
import { boardTables } from './tables.ts';

/**
 * Gives players their numbers on a board, in order and for good: the lists of every instance and every tick are packed
 * by them.
 * @returns the first of as many as are wanted
 */
export type GiveSlots = (tx: Tx, board: Board, wanted: number) => Promise<number>;

/** The next ones. Until the transaction ends, others who want some wait. */
export const nextSlots: GiveSlots = async (tx, board, wanted) => {
  const { slots } = await boardTables(tx)
    .updateTable('boards')
    .set({ slots: sql<number>`slots + ${wanted}` })
    .where('id', '=', board.id)
    .returning('slots')
    .executeTakeFirstOrThrow();
  return slots - wanted;
};

/** So many others may be new on a board while one long transaction goes on; the gap they leave is closed in a moment. */
const ROOM = 20_000;

/**
 * Slots for one long transaction in which others must not wait: it takes them from behind some room that is left to the
 * others, and closes the gap when all else is done. Only one such transaction of a community may run at a time.
 */
export class SlotsAhead {
  readonly #boards: Map<number, { board: Board; first: number; given: number }>;

  private constructor(boards: Map<number, { board: Board; first: number; given: number }>) {
    this.#boards = boards;
  }

  static async begin(tx: Tx, boards: Board[]): Promise<SlotsAhead> {
    const rows = await boardTables(tx)
      .selectFrom('boards')
      .select(['id', 'slots'])
      .where('id', '=', sql<number>`any(${boards.map(({ id }) => id)})`)
      .execute();
    const slotsOf = new Map(rows.map(({ id, slots }) => [id, slots]));
    return new SlotsAhead(
      new Map(boards.map((board) => [board.id, { board, first: (slotsOf.get(board.id) ?? 0) + ROOM, given: 0 }])),
    );
  }

  readonly give: GiveSlots = async (_tx, { id }, wanted) => {
    const ahead = this.#boards.get(id);
    if (!ahead) throw new Error(`board ${id} was not there when the transaction began`);
    ahead.given += wanted;
    return ahead.first + ahead.given - wanted;
  };

  /** Makes the slots those that are next: the last ones move into the room that nobody took. */
  async close(tx: Tx): Promise<void> {
    for (const { board, first, given } of this.#boards.values()) {
      if (given === 0) continue;
      const next = await nextSlots(tx, board, given);
      const back = Math.max(given, first - next);
      await sql`
        update board_scores set slot = slot - ${back}::int
        where board_id = ${board.id} and slot >= ${next + given}`.execute(tx);
    }
  }
}
