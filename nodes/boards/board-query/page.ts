import { type BoardPage, seenPlayer } from '../../../core/boards/index.ts';
import { isRefusal, type Refusal, refusal } from '../../../platform/fault.ts';
import { digestOf, type Place, readPlace, writePlace } from '../place.ts';
import { countIn, shownEntry } from '../shown.ts';
import type { Question, Reading } from './queries.ts';

/** What is asked of a board, as it came. */
interface Asked {
  board: unknown;
  limit: unknown;
  offset?: unknown;
  region: unknown;
  company: unknown;
  around?: unknown;
}

/** A page of a board: the one that a button asks for, or what the values say. */
export async function readPage(question: Question): Promise<Reading> {
  const { boards, community, values } = question;
  const place = readPlace(values.place);
  const asked = place ? askedBy(question, place) : await askedIn(question);
  if (isRefusal(asked)) return asked;
  let page = await boards.page(community, asked);
  if (isRefusal(page)) return page;
  if (place && page.entries.length === 0 && page.total_players > 0) {
    // Others went meanwhile: the last page that there still is.
    const offset = Math.floor((page.total_players - 1) / place.limit) * place.limit;
    page = await boards.page(community, { ...asked, offset });
    if (isRefusal(page)) return page;
  }
  const found = page;
  return { plain: found, shown: () => shownPage(question, found, asked) };
}

async function askedIn(question: Question): Promise<Asked | { refusal: Refusal }> {
  const { isForWeb, isForAnybody: isAnybody, viewer, boards, community, board, values, meant } = question;
  const { limit, offset, region, company, around } = values;
  // A list is a parameter that came twice, which the rule refuses.
  const player = Array.isArray(around) ? around : ((await meant(around)) ?? undefined);
  if (isAnybody && player !== undefined && !Array.isArray(player)) {
    const seen = await seenPlayer(boards, { community, viewer, player, board, isAnybody });
    if (isRefusal(seen)) return seen;
  }
  const spelt = (of: 'region' | 'company', typed: unknown) =>
    isForWeb ? typed : spelling(boards.groups(community, of, board), typed);
  return {
    ...{ board, limit, offset, around: player },
    ...{ region: spelt('region', region), company: spelt('company', company) },
  };
}

/** A name as it is written, where somebody typed it in other letters. */
function spelling(names: readonly string[], typed: unknown): unknown {
  if (typeof typed !== 'string' || names.includes(typed)) return typed;
  const folded = fold(typed);
  return names.find((name) => fold(name) === folded) ?? typed;
}

const fold = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** What the place in a button's custom id asks for. */
function askedBy({ boards, community }: Question, place: Place): Asked | { refusal: Refusal } {
  const { board, limit, offset } = place;
  const named = (of: 'region' | 'company') =>
    place[of] && boards.groups(community, of, board).find((name) => digestOf(name) === place[of]);
  const [region, company] = [named('region'), named('company')];
  if (region === undefined || company === undefined) {
    return refusal(
      'filter-gone',
      404,
      'Not there',
      'Nobody belongs to that any more, or the board is still being read.',
    );
  }
  return { board, limit, offset, region, company };
}

function shownPage({ boards, community, locale }: Question, page: BoardPage, asked: Asked) {
  const { board, offset, total_players: total, entries } = page;
  const limit = Number(asked.limit) || entries.length || 1;
  const [region, company] = [asked.region, asked.company].map((name) => (name ? String(name) : null));
  const title = boards.list(community).find(({ key }) => key === board)?.title ?? board;
  const placeAt = (at: number) =>
    writePlace({
      ...{ board, limit, offset: Math.max(0, at) },
      ...{ region: digestOf(region ?? ''), company: digestOf(company ?? '') },
    });
  // Where nobody was there before, nobody is new.
  const hasBefore = entries.some(({ previous_rank }) => previous_rank !== null);
  const [has_previous, has_next] = [offset > 0, offset + entries.length < total];
  return {
    ...page,
    board: { key: board, title },
    entries: entries.map((entry) => ({
      ...shownEntry(entry, locale),
      is_new: entry.previous_rank === null && hasBefore,
    })),
    ...{ region, company, is_filtered: region !== null || company !== null },
    is_empty: entries.length === 0,
    total: countIn(locale, total),
    first: countIn(locale, entries.length === 0 ? 0 : offset + 1),
    last: countIn(locale, offset + entries.length),
    ...{ has_previous, has_next, has_both: has_previous || has_next },
    generated: Math.floor(Date.parse(page.generated_at) / 1000),
    /** One for each button that may be wanted, with what its custom id carries. */
    pages: [
      { is_previous: has_previous, place: placeAt(offset - limit) },
      { is_next: has_next, place: placeAt(offset + limit) },
    ],
  };
}
