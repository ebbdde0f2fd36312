import { sql } from 'kysely';
import { lockPlayers } from '../../core/people/index.ts';
import type { Tx } from '../../platform/database/index.ts';
import { BATCH } from './staging.ts';

/** The players of whom something will be written, over all files: all are locked in one order, and as late as can be. */
export class PlayersToLock {
  readonly #tx: Tx;

  private constructor(tx: Tx) {
    this.#tx = tx;
  }

  static async create(tx: Tx): Promise<PlayersToLock> {
    await sql`create temporary table import_to_lock (player bigint primary key) on commit drop`.execute(tx);
    return new PlayersToLock(tx);
  }

  async add(players: number[]): Promise<void> {
    if (players.length === 0) return;
    await sql`
      insert into import_to_lock select unnest(${players}::bigint[]) on conflict do nothing`.execute(this.#tx);
  }

  async lock(community: string): Promise<void> {
    for (let last = 0; ; ) {
      const { rows } = await sql<{ player: number }>`
        select player from import_to_lock where player > ${last} order by player limit ${BATCH}`.execute(this.#tx);
      const players = rows.map(({ player }) => player);
      const end = players.at(-1);
      if (end === undefined) return;
      await lockPlayers(this.#tx, community, players);
      last = end;
    }
  }
}
