/** A player on a board as anybody may see them. */
export interface BoardEntry {
  /** Competition rank within what was asked for: 1 2 2 4. */
  rank: number;
  /** The rank before, at the tick before the last one, among those who are asked for now. null: was not on the board. */
  previous_rank: number | null;
  /** `previous_rank` − `rank`: positive is up. */
  delta: number;
  score: number;
  tier: string | null;
  player: BoardPlayer;
}

export interface BoardPlayer {
  /** The web app's own id; `player:17` where it has none. */
  id: string;
  name: string;
  region: string | null;
  company: string | null;
}

/** A part of a board. */
export interface BoardPage {
  /** The board's key. */
  board: string;
  /** How many are ranked within what was asked for. */
  total_players: number;
  /** How many of them stand before these. */
  offset: number;
  /** When what is shown became so. */
  generated_at: string;
  /** True while this instance reads the board: entries are the last tick's. */
  warming?: true;
  entries: BoardEntry[];
}
