import { sql } from 'kysely';
import { wait } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { type Board, boardsIn } from './boards.ts';
import { LiveBoard, readStates } from './live-board.ts';
import { loadBoard, loadSettled } from './load-board.ts';
import { LogReader, MOST_ROWS } from './log-reader.ts';
import { isScoredAlike } from './store-board.ts';

/** The log is looked at this often; what this instance wrote itself is looked for at once. */
const LOOK_MILLISECONDS = 100;
/** Where nothing has come for a while, this is soon enough. */
const IDLE_LOOK_MILLISECONDS = 250;
const IDLE_AFTER_MILLISECONDS = 10_000;
/** Ticks of another instance's leader are noticed within this time. */
const TICKS_MILLISECONDS = 500;
const RETRY_MILLISECONDS = 1000;
/** So many players are read again together: on a board of a million, 5000 take 20 milliseconds to be put in their places. */
const APPLIED_AT_ONCE = 2000;

const NOBODY = { slots: new Uint32Array(0), scores: new Float64Array(0), reached: new Float64Array(0) };

/** What following takes. */
export interface Parts {
  /** Whole boards are read on these connections. */
  database: Database;
  /** The log is followed on connections of its own: whoever ends a season has all writers wait on the others. */
  own: Database;
  /** Whether a flow here has a board. */
  isWanted(community: string, key: string): boolean;
  /** Told which boards of a community the database has open, whenever they are read. */
  open(community: string, keys: ReadonlySet<string>): void;
  /** A player's place on a board has changed, or all of it where there is no slot. */
  shown(board: LiveBoard, slot: number | null): void;
  /** Told when players of a community were read again, whether or not a board shows them. */
  known(community: string): void;
  report(message: string): void;
}

/** The boards of this process, as true as the log that has been read. */
export interface Following {
  boards(): LiveBoard[];
  /** The newest log row that was read. */
  high(): number;
  /** The rows of a community's boards have changed: they are read at the next look. */
  note(community: string): void;
  /** Settles once all that was committed before is applied. @throws what the database throws; it stays noted */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Begins to follow the log: the boards that flows want are read whole, and each row of the log is applied to them once. */
export function followLog({ database, own, isWanted, open, shown, known, report }: Parts): Following {
  const live = new Map<number, LiveBoard>();
  const dirtyPlayers = new Map<string, Set<number>>();
  const dirtyCommunities = new Set<string>();
  const closing = new AbortController();
  const { signal } = closing;
  const loading = new Set<Promise<void>>();
  let reader: LogReader | null = null;
  let ticksSeenAt = 0;
  let cameAt = 0;

  const changed = (board: LiveBoard, slot: number | null): void => {
    board.changes += 1;
    shown(board, slot);
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
    open(community, new Set(stored.map(({ key }) => key)));
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
    known(community);
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

  const looking = (async () => {
    while (!signal.aborted) {
      const isIdle = performance.now() - cameAt > IDLE_AFTER_MILLISECONDS;
      await wait(isIdle ? IDLE_LOOK_MILLISECONDS : LOOK_MILLISECONDS, signal);
      if (!signal.aborted && (live.size > 0 || dirtyCommunities.size > 0))
        await caughtUp().catch((error: Error) => report(error.message));
    }
  })();

  return {
    boards: () => [...live.values()],
    high: () => reader?.high ?? 0,
    note: (community) => dirtyCommunities.add(community),
    caughtUp,
    stop: async () => {
      closing.abort();
      await looking;
      await Promise.all(loading);
      await current?.catch(() => {});
    },
  };
}
