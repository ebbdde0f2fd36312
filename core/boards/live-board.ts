import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { refusal } from '../../platform/fault.ts';
import type { Board } from './boards.ts';
import { KeptPlayers } from './known-players.ts';
import { IS_SHOWN, type LoadedBoard, type SettledRanks } from './load-board.ts';

/** What the database says of one player on one board. */
export interface PlayerState {
  board: number;
  player: number;
  slot: number;
  season: number;
  score: number | null;
  reached: number;
  region: string | null;
  company: string | null;
  isLinked: boolean;
  isShown: boolean;
}

/** The answer about a board that is being stored or read for the first time. */
export const stillStarting = () =>
  refusal('board-starting', 503, 'Still starting', 'The board is being read. Ask again in a moment.');

/** One board as this instance knows it. */
export class LiveBoard {
  board: Board;
  /** null while it is read. */
  loaded: LoadedBoard | null = null;
  settled: SettledRanks = { tick: 0, ranks: new Int32Array(0), previous: new Int32Array(0) };
  /** When what it shows became so. */
  changedAt = new Date();
  /** Counts changes; a tick finds by it whether there is anything new. */
  changes = 0;
  readonly keptPlayers = new KeptPlayers();
  /** Players who changed while it was read: they are looked at again. */
  readonly missed = new Set<number>();
  isReading = false;
  /** How often it was read, or is being. */
  readings = 0;

  constructor(board: Board) {
    this.board = board;
  }

  /**
   * While it is read nothing is applied: scores by new rules do not belong beside those by the rules before.
   * @returns the slot that has changed, or null where nobody sees any of it: what hidden players do shows nowhere
   */
  apply(state: PlayerState): number | null {
    this.keptPlayers.forget(state.player);
    const { loaded } = this;
    if (!loaded || this.isReading) return null;
    const { slot, player, score, reached } = state;
    const isRanked = state.isShown && score !== null && state.season === this.board.season;
    const { standings } = loaded;
    const wasRanked = standings.has(slot);
    loaded.players = withPlace(loaded.players, slot);
    loaded.linked = withPlace(loaded.linked, slot);
    loaded.players[slot] = player;
    loaded.linked[slot] = state.isLinked ? 1 : 0;
    standings.setGroups(slot, state.region, state.company);
    if (isRanked) standings.place(slot, score, reached);
    else standings.remove(slot);
    return isRanked || wasRanked ? slot : null;
  }

  /** What a tick settled; another one may have been heard of meanwhile. */
  keepSettled(settled: SettledRanks): void {
    if (settled.tick >= this.settled.tick) this.settled = settled;
  }

  /** The rank before, on the whole board: at the tick before the last, or at the last where the player was new then. */
  previousRank(slot: number): number | null {
    const { previous, ranks } = this.settled;
    return previous[slot] || ranks[slot] || null;
  }
}

/** The same list, long enough for a place: room doubles. */
function withPlace<List extends Float64Array | Uint8Array>(list: List, place: number): List {
  if (place < list.length) return list;
  const longer = new (list.constructor as new (length: number) => List)(Math.max(place + 1, list.length * 2, 16));
  longer.set(list as never);
  return longer;
}

/** Reads what some players have on some boards of a community now. */
export async function readStates(
  database: Database,
  community: string,
  boards: number[],
  players: number[],
): Promise<PlayerState[]> {
  const { rows } = await sql<PlayerState>`
    select board_id as board, score.player_id as player, slot, season, score, reached, region, company,
      discord_id is not null as "isLinked", ${IS_SHOWN} as "isShown"
    from board_scores as score
    join profiles on profiles.community_id = ${community} and profiles.player_id = score.player_id
    left join links on links.player_id = score.player_id
    where board_id = any(${boards}::int[]) and score.player_id = any(${players}::bigint[])`.execute(database);
  return rows;
}
