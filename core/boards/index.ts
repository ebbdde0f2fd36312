export { markPlayerAs, putPlayerAs, recordScoresAs, settleAs } from './as-doer.ts';
export { metricsIn } from './boards.ts';
export type { Corrected } from './corrections.ts';
export { addScore, correctScore, takeBack } from './corrections.ts';
export {
  type BoardDefinition,
  boardDefinition,
  DEFAULT_METRICS,
  DEFAULT_TIERS,
  OPERATORS,
  tierOf,
} from './definition.ts';
export type { Doer } from './doers.ts';
export type { BoardEntry, BoardPage, BoardPlayer } from './entry.ts';
export { boardEvents } from './events.ts';
export { type Boards, boardsOf, notCounted } from './live.ts';
export type { HistoryPoint, PlayerHistory } from './player-history.ts';
export type { PlayerOnBoard } from './player-on-board.ts';
export { forgetPlayer, LONGEST_REASON, markPlayer, putPlayer, type SavedPlayer, savePlayers } from './players.ts';
export type { Rise } from './rise.ts';
export { checkEvent, countedBefore, MOST_EVENTS, type ReadEvent, recordScores, type Scored } from './score-events.ts';
export { ScoreImport } from './score-import.ts';
export { notShown, seenHistory, seenPlayer } from './seen.ts';
export type { Settled } from './settling.ts';
export { boardsTopic } from './telling.ts';
export { verifyBoards } from './verify.ts';
