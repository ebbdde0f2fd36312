import { sql } from 'kysely';
import type { Tx } from '../../platform/database/index.ts';
import type { Board } from './boards.ts';
import { after, counts, type Deed, nothing, type Standing } from './scoring.ts';
import { type GiveSlots, nextSlots } from './slots.ts';
import { boardTables } from './tables.ts';

interface Held {
  board: Board;
  player: number;
  /** null: the player has no row on this board yet. */
  slot: number | null;
  standing: Standing;
  isChanged: boolean;
}

/** What some players have on a community's boards, read, changed and written in one transaction that locked them. */
export class HeldStandings {
  readonly #boards: Board[];
  readonly #held: Map<string, Held>;

  private constructor(boards: Board[], held: Map<string, Held>) {
    this.#boards = boards;
    this.#held = held;
  }

  static async read(tx: Tx, boards: Board[], players: number[]): Promise<HeldStandings> {
    const held = new Map<string, Held>();
    const rows = await boardTables(tx)
      .selectFrom('board_scores')
      .select(['board_id', 'player_id', 'slot', 'season', 'metrics', 'score', 'reached'])
      .where('board_id', '=', sql<number>`any(${boards.map(({ id }) => id)})`)
      .where('player_id', '=', sql<number>`any(${players})`)
      .execute();
    for (const { board_id, player_id: player, slot, season, metrics, score, reached } of rows) {
      const board = boards.find(({ id }) => id === board_id);
      if (!board) continue;
      const standing = season === board.season ? { metrics, score, reached } : nothing();
      held.set(keyOf(board, player), { board, player, slot, standing, isChanged: false });
    }
    return new HeldStandings(boards, held);
  }

  /** @returns false where a number would grow too large; then nothing has changed */
  apply(player: number, deed: Deed, only: (board: Board) => boolean = () => true): boolean {
    const changes: Held[] = [];
    for (const board of this.#boards) {
      if (!only(board) || !counts(board.definition, deed.metrics)) continue;
      const held = this.#held.get(keyOf(board, player)) ?? { board, player, slot: null, standing: nothing() };
      const standing = after(board.definition, held.standing, deed);
      if (!standing) return false;
      changes.push({ ...held, standing, isChanged: true });
    }
    for (const change of changes) this.#held.set(keyOf(change.board, player), change);
    return true;
  }

  has(board: Board, player: number): boolean {
    return this.#held.has(keyOf(board, player));
  }

  /** What a player has on a board by other means, such as a replay. */
  replace(board: Board, player: number, standing: Standing): void {
    const slot = this.#held.get(keyOf(board, player))?.slot ?? null;
    this.#held.set(keyOf(board, player), { board, player, slot, standing, isChanged: true });
  }

  of(board: Board, player: number): Standing {
    return this.#held.get(keyOf(board, player))?.standing ?? nothing();
  }

  /** @param seqOf the log row that became of a deed which was applied before it had one */
  async write(tx: Tx, seqOf: (seq: number) => number = (seq) => seq, giveSlots: GiveSlots = nextSlots): Promise<void> {
    const changed = [...this.#held.values()].filter(({ isChanged }) => isChanged);
    for (const board of this.#boards) {
      const newcomers = changed.filter((held) => held.board === board && held.slot === null);
      if (newcomers.length === 0) continue;
      const first = await giveSlots(tx, board, newcomers.length);
      for (const [index, held] of newcomers.entries()) held.slot = first + index;
    }
    if (changed.length > 0) await upsert(tx, changed, seqOf);
  }
}

const keyOf = (board: Board, player: number): string => `${board.id}/${player}`;

async function upsert(tx: Tx, changed: Held[], seqOf: (seq: number) => number): Promise<void> {
  const column = <T>(value: (held: Held) => T): T[] => changed.map(value);
  await sql`
    insert into board_scores (board_id, player_id, slot, season, metrics, score, reached)
    select board_id, player_id, slot, season, metrics::float8[], score, reached from unnest(
      ${column(({ board }) => board.id)}::int[], ${column(({ player }) => player)}::bigint[],
      ${column(({ slot }) => slot)}::int[], ${column(({ board }) => board.season)}::int[],
      ${column(({ standing }) => listOf(standing.metrics))}::text[],
      ${column(({ standing }) => standing.score)}::float8[],
      ${column(({ standing }) => seqOf(standing.reached))}::bigint[]
    ) as given (board_id, player_id, slot, season, metrics, score, reached)
    on conflict (board_id, player_id) do update set
      season = excluded.season, metrics = excluded.metrics, score = excluded.score, reached = excluded.reached,
      leaderboard_updated_at = now()`.execute(tx);
}

/** A list as PostgreSQL writes one. */
const listOf = (metrics: (number | null)[]): string => `{${metrics.map((value) => value ?? 'null').join(',')}}`;
