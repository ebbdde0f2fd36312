import { type Boards, notShown, seenHistory, seenPlayer } from '../../../core/boards/index.ts';
import { isRefusal, type Refusal, refusal } from '../../../platform/fault.ts';
import { labelOf, movementIn, pointsIn, secondsOf, shownEntry, shownStanding, signed } from '../shown.ts';
import { comparisonOf } from './comparison.ts';
import { shownHistory } from './history.ts';
import { readPage } from './page.ts';
import { suggestionsFor } from './suggestions.ts';

/** What is asked, by whom. */
export interface Question {
  boards: Boards;
  community: string;
  /** Who looks; null: nobody in person. */
  viewer: number | null;
  /** As it came: a board's key, or nothing for the first one. */
  board: unknown;
  values: Record<string, unknown>;
  /** The player that a value names, or null. */
  meant(named: unknown): Promise<number | string | null>;
  locale: string;
  isForWeb: boolean;
  /** It is for whoever asks over the web without a key. */
  isForAnybody: boolean;
}

/** What the web gets, and the same with texts for messages, which takes longer than all else. */
export type Reading = { plain: unknown; shown(): unknown } | { refusal: Refusal };

interface Query {
  /** Where in the payload of a message the answer lies; null: it is the payload. */
  key: string | null;
  read(question: Question): Promise<Reading>;
}

export const QUERY_NAMES = ['page', 'player', 'history', 'compare', 'to watch', 'boards', 'suggestions'] as const;

export const QUERIES: Record<(typeof QUERY_NAMES)[number], Query> = {
  page: { key: 'page', read: readPage },
  player: { key: 'standing', read: readPlayer },
  history: { key: 'history', read: readHistory },
  compare: { key: 'comparison', read: readComparison },
  'to watch': { key: 'watch', read: readRise },
  boards: { key: 'boards', read: readBoards },
  suggestions: { key: null, read: readSuggestions },
};

const nobody = () => refusal('player-not-found', 404, 'No such player', 'Say which player is meant.');

async function readPlayer(question: Question): Promise<Reading> {
  const { boards, community, viewer, board, values, locale } = question;
  const player = (await question.meant(values.player)) ?? viewer;
  if (player === null) return nobody();
  const found = await seenPlayer(boards, { community, viewer, player, board, isAnybody: question.isForAnybody });
  if (isRefusal(found)) return found;
  if (question.isForWeb && found.state === 'hidden') return notShown();
  const { entry, metrics, total_players, state } = found;
  const plain = {
    ...found.player,
    ...{ board: found.board.key, total_players, ...(state === 'warming' && { warming: true }) },
    ...{ rank: entry?.rank ?? null, previous_rank: entry?.previous_rank ?? null, delta: entry?.delta ?? 0 },
    ...{ score: found.score, tier: entry?.tier ?? null },
    metrics: Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  };
  return { plain, shown: () => ({ ...shownStanding(found, locale), is_own: player === viewer }) };
}

async function readHistory(question: Question): Promise<Reading> {
  const { boards, community, viewer, board, values, locale } = question;
  const player = (await question.meant(values.player)) ?? viewer;
  if (player === null) return nobody();
  const look = { community, viewer, player, board, isAnybody: question.isForAnybody };
  const history = await seenHistory(boards, { ...look, days: values.days });
  if (isRefusal(history)) return history;
  return { plain: { ...history, board: history.board.key }, shown: () => shownHistory(history, locale) };
}

async function readComparison(question: Question): Promise<Reading> {
  const { boards, community, viewer, board, values, locale } = question;
  const [one, other] = await Promise.all([question.meant(values.player), question.meant(values.against)]);
  const players = [one ?? viewer, other ?? viewer];
  const found = [];
  for (const player of players) {
    if (player === null) return nobody();
    const standing = await seenPlayer(boards, { community, viewer, player, board, isAnybody: question.isForAnybody });
    if (isRefusal(standing)) return standing;
    if (standing.state === 'hidden' && player !== viewer) return notShown();
    found.push(standing);
  }
  const [first, second] = found;
  if (!first || !second) return nobody();
  return { plain: { players: [first, second] }, shown: () => comparisonOf(second, first, locale) };
}

async function readRise({ boards, community, board, values, locale }: Question): Promise<Reading> {
  const rise = await boards.toWatch(community, board, values.hours);
  if (rise === null) return { plain: null, shown: () => null };
  if (isRefusal(rise)) return rise;
  const shown = () => ({
    ...rise,
    ...shownEntry(rise.entry, locale),
    title: boards.list(community).find(({ key }) => key === rise.board)?.title ?? rise.board,
    since: secondsOf(rise.since),
    gained: pointsIn(locale, rise.gained),
    ranks: rise.ranks === null ? '' : movementIn(locale, rise.ranks),
    metrics: rise.metrics.map(({ name, value }) => ({ name, label: labelOf(name), shown: signed(locale, value) })),
  });
  return { plain: rise, shown };
}

async function readBoards({ boards, community }: Question): Promise<Reading> {
  const list = boards.list(community);
  return { plain: { boards: list }, shown: () => list };
}

async function readSuggestions(question: Question): Promise<Reading> {
  const suggestions = await suggestionsFor(question);
  return { plain: suggestions, shown: () => suggestions };
}
