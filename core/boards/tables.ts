import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Stamp } from '../../platform/database/tables.ts';
import type { PeopleTables } from '../people/index.ts';
import type { BoardDefinition } from './definition.ts';

type Changing<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** A board, its season and its last tick. */
export interface BoardsTable {
  id: Generated<number>;
  community_id: string;
  key: string;
  definition: JSONColumnType<BoardDefinition>;
  /** How many slots were given to players: the next one's number. */
  slots: Generated<number>;
  season: Generated<number>;
  /** Log rows after this one count in the season. */
  season_after: Generated<number>;
  season_began_at: ColumnType<Date, Date | undefined, Date>;
  /** Since when its scores are made by the rules of now: what was settled before is by others. */
  scored_since: ColumnType<Date, Date | undefined, Date>;
  resets_at: Changing<Date>;
  tick: Generated<number>;
  settled_at: Changing<Date>;
  /** True where somebody wants a tick now. */
  settle_asked: Generated<boolean>;
  /** The newest log row that the last tick knew. */
  settled_seq: Generated<number>;
  /** How many deeds of its season did not count when its scores were last made anew: a number would be too large. */
  passed_over: Generated<number>;
  /** Set where no flow has the board any more. */
  closed_at: Changing<Date>;
  created_at: Stamp;
}

/** The truth: what a player has on a board. A row of an earlier season counts for nothing. */
export interface BoardScoresTable {
  board_id: number;
  player_id: number;
  /** The player's number on this board, from 0, for good: the place in every packed list. */
  slot: number;
  season: number;
  /** In the order of the board's metrics; null where there is none yet. */
  metrics: (number | null)[];
  /** null: nothing yet to be ranked by. */
  score: number | null;
  /** The log row at which the score became what it is. */
  reached: number;
  leaderboard_updated_at: ColumnType<Date, Date | undefined, Date>;
}

/** What happened to scores, append-only; other kinds say that a player or a board has to be read again. */
export interface ScoreLogTable {
  seq: Generated<number>;
  community_id: string;
  kind: 'score' | 'set' | 'undo' | 'player' | 'board';
  /** The web app's id of it: each counts once. */
  event_id: string | null;
  player_id: number | null;
  /** null: every board. */
  board_id: number | null;
  metrics: JSONColumnType<Record<string, number>> | null;
  /** The row that this one takes back. */
  undoes: number | null;
  source_id: string | null;
  at: Stamp;
}

/** Why an admin set or took back something; blanked with its reason alone. */
export interface ScoreCorrectionsTable {
  seq: number;
  reason: string | null;
  actor: JSONColumnType<Record<string, unknown>>;
}

/** The ranks of the last tick, packed by slot; 0: none. */
export interface SettledRanksTable {
  board_id: number;
  chunk: number;
  ranks: Buffer;
  previous: Generated<Buffer>;
  scores: Buffer;
}

/** Ranks and scores of everybody, now and then. */
export interface RankHistoryTable {
  board_id: number;
  /** When they were settled, or their season ended. */
  taken_at: Date;
  chunk: number;
  season: number;
  ranks: Buffer;
  scores: Buffer;
}

/** One of the best at a tick: ids alone, names lie where they can be blanked. */
export interface SettledEntry {
  player: number;
  rank: number;
  previous: number | null;
  score: number;
  metrics: Record<string, number>;
}

export interface LeaderboardSnapshotsTable {
  board_id: number;
  tick: number;
  community_id: string;
  season: number;
  snapshot_at: Date;
  top_100: JSONColumnType<SettledEntry[]>;
  total_players: number;
  generated_at: Date;
  generation_duration_ms: number;
  score_seq: number;
}

/** How a season ended. */
export interface BoardSeasonsTable {
  board_id: number;
  season: number;
  began_at: Date;
  ended_at: Date;
  top_100: JSONColumnType<SettledEntry[]>;
  total_players: number;
}

export type BoardTables = PeopleTables & {
  boards: BoardsTable;
  board_scores: BoardScoresTable;
  score_log: ScoreLogTable;
  score_corrections: ScoreCorrectionsTable;
  settled_ranks: SettledRanksTable;
  rank_history: RankHistoryTable;
  leaderboard_snapshots: LeaderboardSnapshotsTable;
  board_seasons: BoardSeasonsTable;
};

/** The database, knowing this area's tables. */
export function boardTables(database: Database): Database<BoardTables> {
  return database.withTables<BoardTables>();
}
