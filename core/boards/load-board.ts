import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { Board } from './boards.ts';
import { CHUNK, unpackRanks } from './packed-ranks.ts';
import { Standings } from './standings.ts';
import { boardTables } from './tables.ts';

/** The order of one board with what belongs to each slot, as it was when it was read. */
export interface LoadedBoard {
  standings: Standings;
  /** Our number of the player in each slot. */
  players: Float64Array;
  /** 1 for the slots of players with a Discord account. */
  linked: Uint8Array;
}

/** The ranks that the last tick settled and those before, by slot; 0: none. */
export interface SettledRanks {
  tick: number;
  ranks: Int32Array;
  previous: Int32Array;
}

/** Slots a statement. Each passes over all players, so fewer take longer together; so many take a second at most. */
const SLOTS_AT_ONCE = 250_000;
/** So many are packed together: unpacking them takes some milliseconds, in which nothing else happens. */
const SLOTS_A_PACK = 25_000;
/** slot 4, player 8, reached 8, score 8, and whether linked 2. */
const RECORD_BYTES = 30;

/** Who counts on boards: neither hidden nor excluded nor forgotten. */
export const IS_SHOWN = sql<boolean>`(
  profiles.hidden_at is null and profiles.excluded_at is null and profiles.forgotten_at is null)`;

/**
 * Reads a board: some seconds for a million players. PostgreSQL packs the rows, as reading them one by one takes thrice
 * as long. Nothing may be written between its statements: call it in a transaction that sees one moment.
 */
export async function loadBoard(tx: Database, board: Board): Promise<LoadedBoard> {
  const { slots } = await boardTables(tx)
    .selectFrom('boards')
    .select('slots')
    .where('id', '=', board.id)
    .executeTakeFirstOrThrow();
  const rows = { slots: new Uint32Array(slots), scores: new Float64Array(slots), reached: new Float64Array(slots) };
  const players = new Float64Array(slots);
  const linked = new Uint8Array(slots);
  const [regions, companies] = [new GroupMembers(slots), new GroupMembers(slots)];
  let count = 0;
  const take = ({ packed, region, company }: Pack): void => {
    for (let index = 0, at = 0; at < packed.length; index += 1, at += RECORD_BYTES) {
      const slot = packed.readUInt32BE(at);
      regions.add(slot, region[index] ?? null);
      companies.add(slot, company[index] ?? null);
      players[slot] = packed.readDoubleBE(at + 4);
      linked[slot] = packed.readInt16BE(at + 28);
      const score = packed.readDoubleBE(at + 20);
      if (Number.isNaN(score)) continue;
      rows.slots[count] = slot;
      rows.reached[count] = packed.readDoubleBE(at + 12);
      rows.scores[count] = score;
      count += 1;
    }
  };
  for (let first = 0; first < slots; first += SLOTS_AT_ONCE) {
    for (const pack of await readPacks(tx, board, first, first + SLOTS_AT_ONCE - 1)) {
      take(pack);
      await nextTurn();
    }
  }
  const standings = new Standings(board.definition.best, slots);
  const loading = standings.loading({
    slots: rows.slots.subarray(0, count),
    scores: rows.scores.subarray(0, count),
    reached: rows.reached.subarray(0, count),
  });
  while (!loading.next().done) await nextTurn();
  for (const [kind, members] of [
    ['region', regions],
    ['company', companies],
  ] as const) {
    const lists = members.lists();
    await nextTurn();
    const grouping = standings.loadingGroups(kind, lists);
    while (!grouping.next().done) await nextTurn();
  }
  return { standings, players, linked };
}

/** Players with what they have: `packed` holds a record each, with NaN as the score of who is not ranked. */
interface Pack {
  packed: Buffer;
  region: (string | null)[];
  company: (string | null)[];
}

/**
 * Reads the players of some slots. Rows lie by their slots, and players as they came: to look up either by the other's
 * order would take a page for each. And it is one pass, as what is read twice PostgreSQL writes to its disk first.
 */
async function readPacks(tx: Database, board: Board, first: number, last: number): Promise<Pack[]> {
  const { rows } = await sql<Pack>`
    select
      string_agg(
        int4send(slot) || float8send(score.player_id) || float8send(reached)
        || float8send(case when season = ${board.season} and ${IS_SHOWN} then coalesce(score, 'NaN') else 'NaN' end)
        || int2send((discord_id is not null)::int::int2), ''
      ) as packed,
      json_agg(region) as region, json_agg(company) as company
    from board_scores as score
    join profiles on profiles.community_id = ${board.community} and profiles.player_id = score.player_id
    left join links on links.player_id = score.player_id
    where board_id = ${board.id} and slot between ${first} and ${last}
    group by slot / ${SLOTS_A_PACK}::int`.execute(tx);
  return rows;
}

/** Who belongs to which group of a kind. */
class GroupMembers {
  readonly #ids = new Map<string, number>();
  /** By slot; 0: none. */
  readonly #groups: Uint32Array;

  constructor(slots: number) {
    this.#groups = new Uint32Array(slots);
  }

  add(slot: number, name: string | null): void {
    if (name === null) return;
    const known = this.#ids.get(name);
    const id = known ?? this.#ids.size + 1;
    if (known === undefined) this.#ids.set(name, id);
    this.#groups[slot] = id;
  }

  /** Each group with its slots. */
  lists(): [name: string, slots: Uint32Array][] {
    const sizes = new Uint32Array(this.#ids.size + 1);
    for (const id of this.#groups) sizes[id] = (sizes[id] as number) + 1;
    const lists = [...this.#ids].map(
      ([name, id]) => [name, new Uint32Array(sizes[id] as number)] as [string, Uint32Array],
    );
    sizes.fill(0);
    for (const [slot, id] of this.#groups.entries()) {
      if (id === 0) continue;
      const place = sizes[id] as number;
      (lists[id - 1]?.[1] as Uint32Array)[place] = slot;
      sizes[id] = place + 1;
    }
    return lists;
  }
}

/** Reads what the last tick of a board settled. */
export async function loadSettled(database: Database, board: number): Promise<SettledRanks> {
  const { rows } = await sql<{ tick: number; chunk: number | null; ranks: Buffer; previous: Buffer }>`
    select boards.tick, chunk, ranks, previous
    from boards left join settled_ranks on board_id = boards.id
    where boards.id = ${board}`.execute(database);
  const highest = rows.reduce((most, { chunk }) => Math.max(most, chunk ?? -1), -1);
  const settled = {
    tick: rows[0]?.tick ?? 0,
    ranks: new Int32Array((highest + 1) * CHUNK),
    previous: new Int32Array((highest + 1) * CHUNK),
  };
  for (const { chunk, ranks, previous } of rows) {
    if (chunk === null) continue;
    unpackRanks(ranks, settled.ranks, chunk);
    unpackRanks(previous, settled.previous, chunk);
  }
  return settled;
}
