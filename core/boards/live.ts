import { sql } from 'kysely';
import { wait } from '../../platform/clock.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import { limitBursts } from '../../platform/log.ts';
import type { Platform } from '../../platform/start.ts';
import { type Board, boardsIn } from './boards.ts';
import type { BoardDefinition } from './definition.ts';
import type { BoardPage } from './entry.ts';
import { LiveBoard, readStates } from './live-board.ts';
import { loadBoard, loadSettled } from './load-board.ts';
import { LogReader, MOST_ROWS } from './log-reader.ts';
import { entriesOf, livePage, type PageAsking, readAsking } from './pages.ts';
import { type PlayerHistory, playerHistory } from './player-history.ts';
import { findSlot, type PlayerOnBoard, playerOnBoard } from './player-on-board.ts';
import { type Rise, strongestRise } from './rise.ts';
import { createSettling, type Settled } from './settling.ts';
import { closeBoard, isScoredAlike, storeBoard } from './store-board.ts';

/** The log is looked at this often; what this instance wrote itself is looked for at once. */
const LOOK_MILLISECONDS = 100;
/** Where nothing has come for a while, this is soon enough. */
const IDLE_LOOK_MILLISECONDS = 250;
const IDLE_AFTER_MILLISECONDS = 10_000;
/** Ticks of another instance's leader are noticed within this time. */
const TICKS_MILLISECONDS = 500;
const RETRY_MILLISECONDS = 1000;
const OWN_CONNECTIONS = 2;
/** A deploy takes boards away and brings them back: only then is one closed. */
const CLOSE_AFTER_MILLISECONDS = 15_000;
/** Changes are told to pages together. */
const TELL_MILLISECONDS = 500;
const MOST_TOLD = 100;
/** So many players are read again together. */
const APPLIED_AT_ONCE = 5000;

const NOBODY = { slots: new Uint32Array(0), scores: new Float64Array(0), reached: new Float64Array(0) };

/** The topic under which answers about a community's boards are kept. */
export const boardsTopic = (community: string): string => `boards/${community}`;

/** The live boards of this process. */
export interface Boards {
  /** A flow has this board: it is stored (again until the database takes it), then read. */
  add(community: string, definition: BoardDefinition): { ready: Promise<void>; remove(): void };
  /** The boards of a community, the first one first. */
  list(community: string): { key: string; title: string }[];
  /** The names of the regions or companies on a board, in no order; none while it is read or where there is no such board. */
  groups(community: string, kind: 'region' | 'company', board?: unknown): string[];
  /** The names of a board's metrics; none where there is no such board. */
  metrics(community: string, board?: unknown): string[];
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

interface Wanted {
  community: string;
  definition: BoardDefinition;
}

/** Begins the live boards of a process: use `boardsOf`, which begins them once. */
export function startBoards(platform: BoardsPlatform): Boards {
  const { database, keptAnswers, liveFeed, schedules, log } = platform;
  /** The log is followed on connections of its own: whoever ends a season has all writers wait on the others. */
  const { database: own, close } = platform.connect(OWN_CONNECTIONS);
  const wanted = new Set<Wanted>();
  const live = new Map<number, LiveBoard>();
  const dirtyPlayers = new Map<string, Set<number>>();
  const dirtyCommunities = new Set<string>();
  const report = limitBursts((message, count) => log.warn({ count }, `boards: ${message}`));
  const closing = new AbortController();
  const { signal } = closing;
  const loading = new Set<Promise<void>>();
  let reader: LogReader | null = null;
  let ticksSeenAt = 0;
  let cameAt = 0;

  const changedSlots = new Map<LiveBoard, Set<number>>();
  let telling: NodeJS.Timeout | null = null;

  /** A player's place on a board has changed, or all of it where there is no slot. */
  const changed = (board: LiveBoard, slot: number | null): void => {
    board.changes += 1;
    shown(board, slot);
  };

  /** What a board shows has changed. */
  const shown = (board: LiveBoard, slot: number | null): void => {
    board.changedAt = new Date();
    keptAnswers.forget(boardsTopic(board.board.community));
    const slots = changedSlots.get(board) ?? new Set();
    changedSlots.set(board, slots);
    if (slot !== null) slots.add(slot);
    telling ??= setTimeout(() => {
      telling = null;
      tellAll().catch((error: Error) => report(error.message));
    }, TELL_MILLISECONDS);
  };

  /** Pages hear of the best of those who changed, and how many more there were. */
  const tellAll = async (): Promise<void> => {
    for (const [board, slots] of [...changedSlots]) {
      changedSlots.delete(board);
      const standings = board.loaded?.standings;
      if (!standings) continue;
      const rows = [...slots]
        .map((slot) => ({ slot, rank: standings.rank(slot) }))
        .sort((one, other) => one.rank - other.rank);
      const best = rows.filter(({ rank }) => rank > 0).slice(0, MOST_TOLD);
      liveFeed.send(
        board.board.community,
        'board',
        {
          board: board.board.key,
          total_players: standings.size,
          generated_at: board.changedAt.toISOString(),
          changes: await entriesOf(database, board, best),
          more: rows.length - best.length,
        },
        board.board.key,
      );
    }
  };

  /** Reads the rows of boards anew: their settings, their seasons, which there are. */
  const refresh = async (community: string): Promise<void> => {
    const stored = await boardsIn(own, community);
    for (const [id, { board }] of live) {
      if (board.community === community && !stored.some((other) => other.id === id)) live.delete(id);
    }
    for (const board of stored) {
      if (!isWanted(community, board.key)) continue;
      const known = live.get(board.id);
      if (!known) read(new LiveBoard(board));
      else await renew(known, board);
    }
  };

  /** Where scores are made in another way they are read anew; in a new season nobody is ranked until they score in it. */
  const renew = async (known: LiveBoard, board: Board): Promise<void> => {
    const isNewSeason = known.board.season !== board.season;
    const isSameWay = isScoredAlike(known.board.definition, board.definition);
    const settled = isNewSeason ? await loadSettled(own, board.id) : known.settled;
    known.board = board;
    known.keepSettled(settled);
    if (isNewSeason) known.loaded?.standings.load(NOBODY);
    if (!isSameWay || (isNewSeason && known.isReading)) read(known);
    changed(known, null);
  };

  const isWanted = (community: string, key: string): boolean =>
    [...wanted].some((one) => one.community === community && one.definition.key === key);

  /**
   * Reads a whole board; what it showed before goes on meanwhile. Where it is read again before that is done, the later
   * one counts.
   */
  const read = (board: LiveBoard): void => {
    live.set(board.board.id, board);
    board.readings += 1;
    const reading = board.readings;
    const isCurrent = () => !signal.aborted && board.readings === reading && live.get(board.board.id) === board;
    const work = (async () => {
      while (isCurrent()) {
        try {
          board.isReading = true;
          board.missed.clear();
          const loaded = await database
            .transaction()
            .setIsolationLevel('repeatable read')
            .setAccessMode('read only')
            .execute((tx) => loadBoard(tx, board.board));
          const settled = await loadSettled(database, board.board.id);
          if (!isCurrent()) return;
          board.loaded = loaded;
          board.keepSettled(settled);
          board.isReading = false;
          dirty(board.board.community, board.missed);
          return changed(board, null);
        } catch (error) {
          report((error as Error).message);
          await wait(RETRY_MILLISECONDS, signal);
        }
      }
    })();
    loading.add(work);
    void work.finally(() => loading.delete(work));
  };

  const dirty = (community: string, players: Iterable<number>): void => {
    const all = dirtyPlayers.get(community) ?? new Set();
    dirtyPlayers.set(community, all);
    for (const player of players) all.add(player);
  };

  /** What was read of the log and not applied yet stays noted, whatever fails. */
  const look = async (): Promise<void> => {
    reader ??= await LogReader.begin(own);
    for (let more = true; more; ) {
      const rows = await reader.read(own);
      more = rows.length >= MOST_ROWS;
      if (rows.length > 0) cameAt = performance.now();
      for (const { community, player } of rows) {
        if (player === null) dirtyCommunities.add(community);
        else dirty(community, [player]);
      }
    }
    for (const community of [...dirtyCommunities]) {
      dirtyCommunities.delete(community);
      await refresh(community).catch((error) => {
        dirtyCommunities.add(community);
        throw error;
      });
    }
    for (const [community, players] of [...dirtyPlayers]) {
      dirtyPlayers.delete(community);
      await applyAll(community, [...players]);
    }
    if (performance.now() - ticksSeenAt > TICKS_MILLISECONDS) await noticeTicks();
  };

  /** After an import that is everybody: a part at a time, so that others get their turn. */
  const applyAll = async (community: string, players: number[]): Promise<void> => {
    for (let at = 0; at < players.length; at += APPLIED_AT_ONCE) {
      await apply(community, players.slice(at, at + APPLIED_AT_ONCE)).catch((error) => {
        dirty(community, players.slice(at));
        throw error;
      });
    }
  };

  const apply = async (community: string, players: number[]): Promise<void> => {
    const theirs = [...live.values()].filter(({ board }) => board.community === community);
    for (const board of theirs) if (board.isReading) for (const player of players) board.missed.add(player);
    const states = await readStates(
      own,
      community,
      theirs.map(({ board }) => board.id),
      players,
    );
    for (const state of states) {
      const board = live.get(state.board);
      const slot = board?.apply(state) ?? null;
      if (board && slot !== null) changed(board, slot);
    }
  };

  /** What another instance settled is read here, so that all agree on who was where before. */
  const noticeTicks = async (): Promise<void> => {
    ticksSeenAt = performance.now();
    const { rows } = await sql<{ id: number; tick: number }>`
      select id, tick from boards where id = any(${[...live.keys()]}::int[])`.execute(own);
    for (const { id, tick } of rows) {
      const board = live.get(id);
      if (!board?.loaded || tick <= board.settled.tick) continue;
      board.keepSettled(await loadSettled(own, id));
      shown(board, null);
    }
  };

  /** One look at a time; who asks while one goes on gets the next, which sees what was committed before. */
  let current: Promise<void> | null = null;
  let following: Promise<void> | null = null;
  const caughtUp = (): Promise<void> => {
    if (!current) {
      current = look().finally(() => {
        current = null;
      });
      return current;
    }
    following ??= current
      .catch(() => {})
      .then(() => {
        following = null;
        return caughtUp();
      });
    return following;
  };

  const settling = createSettling(platform, {
    boards: () => [...live.values()],
    caughtUp,
    seq: () => reader?.high ?? 0,
    shown: (board) => shown(board, null),
  });

  const looking = (async () => {
    while (!signal.aborted) {
      const isIdle = performance.now() - cameAt > IDLE_AFTER_MILLISECONDS;
      await wait(isIdle ? IDLE_LOOK_MILLISECONDS : LOOK_MILLISECONDS, signal);
      if (!signal.aborted && wanted.size > 0) await caughtUp().catch((error: Error) => report(error.message));
    }
  })();

  const store = async ({ community, definition }: Wanted, ended: AbortSignal): Promise<void> => {
    while (!ended.aborted && !signal.aborted) {
      try {
        const next = definition.reset ? schedules.next(definition.reset) : null;
        await storeBoard(database, community, definition, next);
        dirtyCommunities.add(community);
        return await caughtUp();
      } catch (error) {
        report(`“${definition.title}” is not stored yet: ${(error as Error).message}`);
        await wait(RETRY_MILLISECONDS, ended);
      }
    }
  };

  const unstore = async ({ community, definition: { key } }: Wanted): Promise<void> => {
    while (!signal.aborted && !isWanted(community, key)) {
      try {
        return await closeBoard(database, community, key);
      } catch (error) {
        report(`board ${key} is not closed yet: ${(error as Error).message}`);
        await wait(RETRY_MILLISECONDS, signal);
      }
    }
  };

  const find = (community: string, key: unknown): LiveBoard | { refusal: Refusal } => {
    const theirs = inOrder(community);
    const isAny = key === undefined || key === null || key === '';
    const found = isAny ? theirs[0] : theirs.find(({ board }) => board.key === key);
    if (found) return found;
    if (!isAny && typeof key !== 'string')
      return refusal('invalid-parameter', 400, 'Not a possible question', 'board is a board’s name, given once.');
    const known = theirs.map(({ board }) => board.key).join(', ');
    return theirs.length === 0
      ? refusal('no-board', 404, 'No board', 'There is no board here yet.')
      : refusal('board-not-found', 404, 'No such board', `There is no such board; there are: ${known}.`);
  };

  const inOrder = (community: string): LiveBoard[] =>
    [...live.values()]
      .filter(({ board }) => board.community === community)
      .sort(
        (one, other) =>
          one.board.definition.position - other.board.definition.position || one.board.id - other.board.id,
      );

  return {
    add: (community, definition) => {
      const one = { community, definition };
      const ended = new AbortController();
      wanted.add(one);
      return {
        ready: store(one, ended.signal),
        remove: () => {
          ended.abort();
          wanted.delete(one);
          setTimeout(() => void unstore(one), CLOSE_AFTER_MILLISECONDS).unref();
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
    caughtUp,
    live: () => [...live.values()],
    stop: async () => {
      closing.abort();
      if (telling) clearTimeout(telling);
      await looking;
      await Promise.all(loading);
      await current?.catch(() => {});
      await settling.stop();
      await close();
    },
  };
}
