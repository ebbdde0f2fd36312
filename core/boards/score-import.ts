import type { Tx } from '../../platform/database/index.ts';
import { boardsIn } from './boards.ts';
import { importScores } from './locks.ts';
import { type Counting, countEvents, type ReadEvent, type Scored } from './score-events.ts';
import { SlotsAhead } from './slots.ts';

/**
 * Counts score events in one long transaction, batch after batch. Others go on counting meanwhile: only who is in it
 * waits until it ends. A second one of the community waits, too.
 */
export class ScoreImport {
  readonly #tx: Tx;
  readonly #counting: Counting;
  readonly #slots: SlotsAhead;

  private constructor(tx: Tx, counting: Counting, slots: SlotsAhead) {
    this.#tx = tx;
    this.#counting = counting;
    this.#slots = slots;
  }

  /** @param source what brings them */
  static async begin(tx: Tx, community: string, source: string): Promise<ScoreImport> {
    await importScores(tx, community);
    const boards = await boardsIn(tx, community);
    const slots = await SlotsAhead.begin(tx, boards);
    return new ScoreImport(tx, { community, boards, source, giveSlots: slots.give }, slots);
  }

  /**
   * Counts a batch as `recordScores` does. Lock the players of all batches before the first one: in each batch they
   * are locked again, in an order of its own.
   * @param events each id once
   */
  count(events: ReadEvent[]): Promise<Scored> {
    return countEvents(this.#tx, this.#counting, events);
  }

  /** The last step before the commit: from here to there others wait who are new on a board. */
  finish(): Promise<void> {
    return this.#slots.close(this.#tx);
  }
}
