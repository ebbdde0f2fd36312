import { fitText } from '../../../platform/discord/text.ts';
import { isRefusal } from '../../../platform/fault.ts';
import { placeIn } from '../shown.ts';
import type { Question } from './queries.ts';

/** What Discord shows of suggestions. */
const MOST = 25;
const LONGEST_NAME = 100;

interface Suggestion {
  name: string;
  value: string;
}

/** What can be offered, by the name of the option. */
const SOURCES = new Map<unknown, (question: Question) => Suggestion[] | Promise<Suggestion[]>>([
  ['board', ({ boards, community }) => boards.list(community).map(({ key, title }) => ({ name: title, value: key }))],
  ['region', (question) => groups(question, 'region')],
  ['company', (question) => groups(question, 'company')],
  ['metric', metrics],
  ['player', players],
]);

/** What fits what a member has typed so far, if the option is one of these. */
export async function suggestionsFor(question: Question): Promise<Suggestion[]> {
  const { values } = question;
  const offered = (await SOURCES.get(values.option)?.(question)) ?? [];
  const typed = fold(String(values.typed ?? ''));
  const fitting = offered.filter(({ name, value }) => fold(name).includes(typed) || fold(value).includes(typed));
  // What begins so stands before what only holds it.
  const begins = ({ name }: Suggestion): number => (fold(name).startsWith(typed) ? 0 : 1);
  return fitting.sort((one, other) => begins(one) - begins(other)).slice(0, MOST);
}

const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

const groups = ({ boards, community, board }: Question, of: 'region' | 'company'): Suggestion[] =>
  boards
    .groups(community, of, board)
    .map((name) => ({ name, value: name }))
    .sort((one, other) => one.name.localeCompare(other.name));

function metrics({ boards, community, board }: Question): Suggestion[] {
  return boards.metrics(community, board).map((name) => ({ name: name.replaceAll('_', ' '), value: name }));
}

/** The best hundred, and whoever is called by exactly what was typed. */
async function players({ boards, community, board, values }: Question): Promise<Suggestion[]> {
  const page = await boards.page(community, { board, limit: 100 });
  if (isRefusal(page)) return [];
  const typed = String(values.typed ?? '').trim();
  const exact = typed ? await boards.player(community, typed, board) : null;
  const best = page.entries.map(({ rank, player }) => suggestionOf(player, rank));
  if (!exact || isRefusal(exact) || best.some(({ value }) => value === exact.player.id)) return best;
  // Everybody may type here: of who is on no board the id alone is said again.
  const { entry, player } = exact;
  return [entry ? suggestionOf(player, entry.rank) : { name: typed, value: typed }, ...best];
}

function suggestionOf({ id, name }: { id: string; name: string }, rank: number): Suggestion {
  return { name: fitText(`${placeIn('en-US', rank)} ${name}`, LONGEST_NAME), value: id };
}
