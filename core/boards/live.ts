import { wait } from '../../platform/clock.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import { limitBursts } from '../../platform/log.ts';
import type { Platform } from '../../platform/start.ts';
import { boardsIn } from './boards.ts';
import { LARGEST } from './decimals.ts';
import type { BoardDefinition } from './definition.ts';
import type { BoardPage } from './entry.ts';
import { followLog } from './following.ts';
import { type LiveBoard, stillStarting } from './live-board.ts';
import { livePage, type PageAsking, readAsking } from './pages.ts';
import { lineOf } from './pictures/texts.ts';
import { type PlayerHistory, playerHistory } from './player-history.ts';
import { findSlot, type PlayerOnBoard, playerOnBoard } from './player-on-board.ts';
import { type Rise, strongestRise } from './rise.ts';
import { createSettling, type Settled } from './settling.ts';
import { closeBoard, reopenBoard, storeBoard } from './store-board.ts';
import { tellPages } from './telling.ts';

const RETRY_MILLISECONDS = 1000;
const OWN_CONNECTIONS = 2;
/** A deploy takes boards away and brings them back: only then is one closed. */
const CLOSE_AFTER_MILLISECONDS = 15_000;

/** The live boards of this process. */
export interface Boards {
  /**
   * A flow has this board: it is stored (again until the database takes it), then read.
   * `ready` says how many score events do not count by its rules, as a total would grow too large.
   */
  add(community: string, definition: BoardDefinition): { ready: Promise<{ passedOver: number }>; remove(): void };
  /** The boards of a community, the first one first. */
  list(community: string): { key: string; title: string }[];
  /** The names of the regions or companies on a board, in no order; none while it is read or where there is no such board. */
  groups(community: string, kind: 'region' | 'company', board?: unknown): string[];
  /** The names of a board's metrics; none where there is no such board. */
  metrics(community: string, board?: unknown): string[];
  /** Why there is no such board, or none yet; null: there is. */
  refusalOf(community: string, board: unknown): Refusal | null;
  /** A part of a board; a wrong or repeated parameter is a refusal. `board` is a key, or nothing for the first one. */
  page(community: string, asking: PageAsking & { board?: unknown }): Promise<BoardPage | { refusal: Refusal }>;
  /** One player: our number, or the web app's id or `player:17` as text. */
  player(community: string, player: number | string, board?: unknown): Promise<PlayerOnBoard | { refusal: Refusal }>;
  /** A player's scores, ranks and metrics over time. */
  history(
    community: string,
    player: number | string,
    board?: unknown,
    days?: unknown,
  ): Promise<PlayerHistory | { refusal: Refusal }>;
  /** Whose score rose most in the last hours, and by what; null where nobody's did. */
  toWatch(community: string, board?: unknown, hours?: unknown): Promise<Rise | null | { refusal: Refusal }>;
  /** Has a tick settled now, by whichever instance leads. */
  settle(community: string, board?: unknown): Promise<Settled | { refusal: Refusal }>;
  /** Settles once this instance shows all that was committed before. */
  caughtUp(): Promise<void>;
  /** Every board that this instance has, for whoever measures. */
  live(): LiveBoard[];
  stop(): Promise<void>;
}

/** What live boards stand on. */
export type BoardsPlatform = Pick<
  Platform,
  'database' | 'connect' | 'events' | 'keptAnswers' | 'liveFeed' | 'schedules' | 'log' | 'lead'
>;

/** The live boards of a platform: begun when they are first asked for. */
export const boardsOf = (platform: Platform): Boards => platform.part(startBoards);

/** What to say of a board whose rules make numbers too large. */
export const notCounted = (title: string, events: number): string =>
  `${events.toLocaleString('en-US')} score event${events === 1 ? ' does' : 's do'} not count on the board “${title}”: by its weights a total would lie beyond ${LARGEST.toLocaleString('en-US')}. Use smaller weights, and deploy.`;

interface Wanted {
  community: string;
  definition: BoardDefinition;
  /** Whether it is in the database: being asked for, not taken for now, or there. */
  state: 'asked' | 'delayed' | 'stored';
  ended: AbortController;
}

/**
 * Begins the live boards of a process: use `boardsOf`, which begins them once.
 * @param closeAfter milliseconds after which a board that no flow here has any more is closed
 */
export function startBoards(platform: BoardsPlatform, closeAfter = CLOSE_AFTER_MILLISECONDS): Boards {
  const { database, keptAnswers, liveFeed, schedules, log } = platform;
  const { database: own, close } = platform.connect(OWN_CONNECTIONS);
  const wanted = new Set<Wanted>();
  /** The keys of all boards that flows have had since the beginning, by community. */
  const addedHere = new Map<string, Set<string>>();
  const closing = new AbortController();
  const { signal } = closing;
  const report = limitBursts((message, count) => log.warn({ count }, `boards: ${message}`));
  const isWanted = (community: string, key: string): boolean =>
    [...wanted].some((one) => one.community === community && one.definition.key === key);
  const telling = tellPages({ database, keptAnswers, liveFeed, report });
  const following = followLog({
    database,
    own,
    isWanted,
    open: (...now) => reopenMissing(...now),
    shown: telling.shown,
    known: telling.known,
    report,
  });
  const settling = createSettling(platform, {
    boards: following.boards,
    caughtUp: following.caughtUp,
    seq: following.high,
    shown: (board) => telling.shown(board, null),
  });

  /** Has the database take a board, again until it does. */
  const keep = async <Kept>(one: Wanted, store: () => Promise<Kept>): Promise<Kept | null> => {
    const { community, definition, ended } = one;
    while (!ended.signal.aborted && !signal.aborted) {
      try {
        const kept = await store();
        one.state = 'stored';
        following.note(community);
        await following.caughtUp();
        return kept;
      } catch (error) {
        report(`“${definition.title}” is not stored yet: ${(error as Error).message}`);
        one.state = 'delayed';
        await wait(RETRY_MILLISECONDS, ended.signal);
      }
    }
    return null;
  };

  const store = async (one: Wanted): Promise<{ passedOver: number }> => {
    const { community, definition } = one;
    const board = await keep(one, () => {
      const next = definition.reset ? schedules.next(definition.reset) : null;
      return storeBoard(database, community, definition, next);
    });
    const passedOver = board?.passedOver ?? 0;
    if (passedOver > 0) log.warn(notCounted(definition.title, passedOver));
    return { passedOver };
  };

  /** An instance whose flows no longer have a board closes it for all: one whose flows have it opens it again. */
  const reopenMissing = (community: string, open: ReadonlySet<string>): void => {
    for (const one of wanted) {
      const { key, title } = one.definition;
      if (one.community !== community || one.state !== 'stored' || open.has(key)) continue;
      one.state = 'asked';
      void keep(one, async () => {
        const wasClosed = await reopenBoard(database, community, key);
        if (wasClosed) report(`“${title}” was closed by an instance whose flows do not have it; here it is open again`);
      });
    }
  };

  const unstore = async (community: string, key: string): Promise<void> => {
    while (!signal.aborted && !isWanted(community, key)) {
      try {
        return await closeBoard(database, community, key);
      } catch (error) {
        report(`board ${key} is not closed yet: ${(error as Error).message}`);
        await wait(RETRY_MILLISECONDS, signal);
      }
    }
  };

  /**
   * What flows lost while no instance ran long enough to close it is closed some time after they began. Boards that were
   * added since the beginning and are gone are in the midst of a deploy, or have an end of their own.
   */
  const closeLeft = async (): Promise<void> => {
    for (const [community, had] of addedHere) {
      const isHere = [...wanted].some((one) => one.community === community);
      const open = isHere ? await boardsIn(database, community) : [];
      for (const { key, definition } of open) {
        if (had.has(key)) continue;
        await unstore(community, key);
        log.info(`boards: “${definition.title}” is closed, as no flow here has it`);
      }
    }
  };
  const closeLeftSoon = (): void => {
    const close = () =>
      closeLeft().catch((error: Error) => {
        report(`what no flow has is not closed yet: ${error.message}`);
        if (!signal.aborted) closeLeftSoon();
      });
    setTimeout(() => void (signal.aborted || close()), closeAfter).unref();
  };

  const find = (community: string, key: unknown): LiveBoard | { refusal: Refusal } => {
    const isAny = key === undefined || key === null || key === '';
    if (!isAny && typeof key !== 'string')
      return refusal('invalid-parameter', 400, 'Not a possible question', 'board is a board’s name, given once.');
    const theirs = inOrder(community);
    const found = isAny ? theirs[0] : theirs.find(({ board }) => board.key === key);
    if (isAny ? isFirstAwaited(community, theirs) : !found && isWanted(community, key)) return stillStarting();
    if (found) return found;
    const known = theirs.map(({ board }) => board.key).join(', ');
    return theirs.length === 0
      ? refusal('no-board', 404, 'No board', 'There is no board here yet.')
      : refusal(
          'board-not-found',
          404,
          'No such board',
          `No board here is “${lineOf(String(key))}”; there are: ${known}.`,
        );
  };

  /** Whether a flow has a board that will be the first one, and is being stored. */
  const isFirstAwaited = (community: string, theirs: LiveBoard[]): boolean =>
    [...wanted].some(({ community: its, definition: { key, position }, state }) => {
      if (its !== community || theirs.some(({ board }) => board.key === key)) return false;
      const [first] = theirs;
      // One that the database does not take for now does not keep others from being shown.
      return !first || (state !== 'delayed' && position < first.board.definition.position);
    });

  const inOrder = (community: string): LiveBoard[] =>
    following
      .boards()
      .filter(({ board }) => board.community === community)
      .sort(
        (one, other) =>
          one.board.definition.position - other.board.definition.position || one.board.id - other.board.id,
      );

  return {
    add: (community, definition) => {
      const one: Wanted = { community, definition, state: 'asked', ended: new AbortController() };
      wanted.add(one);
      if (addedHere.size === 0) closeLeftSoon();
      const added = addedHere.get(community) ?? new Set();
      addedHere.set(community, added.add(definition.key));
      return {
        ready: store(one),
        remove: () => {
          one.ended.abort();
          wanted.delete(one);
          setTimeout(() => void unstore(community, definition.key), closeAfter).unref();
        },
      };
    },
    list: (community) => inOrder(community).map(({ board }) => ({ key: board.key, title: board.definition.title })),
    groups: (community, kind, key) => {
      const board = find(community, key);
      return 'refusal' in board ? [] : (board.loaded?.standings.groupNames(kind) ?? []);
    },
    metrics: (community, key) => {
      const board = find(community, key);
      return 'refusal' in board ? [] : board.board.definition.metrics.map(({ name }) => name);
    },
    refusalOf: (community, key) => {
      const board = find(community, key);
      return 'refusal' in board ? board.refusal : null;
    },
    page: async (community, asking) => {
      const board = find(community, asking.board);
      if ('refusal' in board) return board;
      const read = readAsking(asking);
      if ('refusal' in read) return read;
      if (read.around === null) return livePage(database, board, read, null);
      const slot = await findSlot(database, board, read.around);
      return typeof slot === 'object' ? slot : livePage(database, board, read, slot);
    },
    player: async (community, player, key) => {
      const board = find(community, key);
      return 'refusal' in board ? board : playerOnBoard(database, board, player);
    },
    history: async (community, player, key, days) => {
      const board = find(community, key);
      return 'refusal' in board ? board : playerHistory(database, board, player, days);
    },
    toWatch: async (community, key, hours) => {
      const board = find(community, key);
      return 'refusal' in board ? board : strongestRise(database, board, hours);
    },
    settle: async (community, key) => {
      const board = find(community, key);
      return 'refusal' in board ? board : settling.settleNow(board);
    },
    caughtUp: following.caughtUp,
    live: following.boards,
    stop: async () => {
      closing.abort();
      await following.stop();
      await settling.stop();
      telling.stop();
      await close();
    },
  };
}
