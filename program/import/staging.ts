import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../platform/database/index.ts';
import { MOST_SHOWN } from './problems.ts';

/** So many rows go to the database, and come from it, in one statement. */
export const BATCH = 5_000;

type Type = 'integer' | 'bigint' | 'text' | 'boolean' | 'jsonb';

/** A row with an id that is there in an earlier line already. */
export interface Repeated {
  line: number;
  id: string;
  first: number;
}

/**
 * The rows of a file while they are checked: in a table that this transaction alone sees and that ends with it, so that
 * a file may be larger than memory.
 */
export class Staging<Row extends { line: number; id: string }> {
  readonly table: string;
  readonly #tx: Tx;
  readonly #columns: Record<keyof Row, Type>;

  private constructor(tx: Tx, table: string, columns: Record<keyof Row, Type>) {
    this.#tx = tx;
    this.table = table;
    this.#columns = columns;
  }

  static async create<Row extends { line: number; id: string }>(
    tx: Tx,
    table: string,
    columns: Record<keyof Row, Type>,
  ): Promise<Staging<Row>> {
    const list = Object.entries<Type>(columns).map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`);
    await sql`
      create temporary table ${sql.table(table)} (${sql.join(list)}, primary key (line)) on commit drop`.execute(tx);
    return new Staging(tx, table, columns);
  }

  async add(rows: Row[]): Promise<void> {
    const columns = Object.entries<Type>(this.#columns) as [keyof Row & string, Type][];
    for (let at = 0; at < rows.length; at += BATCH) {
      const some = rows.slice(at, at + BATCH);
      const lists = columns.map(
        ([name, type]) => sql`${some.map((row) => toParameter(row[name], type))}::${sql.raw(type)}[]`,
      );
      await sql`
        insert into ${sql.table(this.table)} (${sql.join(columns.map(([name]) => sql.ref(name)))})
        select * from unnest(${sql.join(lists)})`.execute(this.#tx);
    }
  }

  /** Lets PostgreSQL see what it has, before anything is asked. */
  async filled(): Promise<void> {
    await sql`analyze ${sql.table(this.table)}`.execute(this.#tx);
  }

  /** @yields the rows in the order of their lines, a batch at a time */
  async *batches(condition: RawBuilder<unknown>): AsyncGenerator<Row[]> {
    for (let last = 0; ; ) {
      const { rows } = await sql<Row>`
        select * from ${sql.table(this.table)} where line > ${last} and ${condition}
        order by line limit ${BATCH}`.execute(this.#tx);
      const end = rows.at(-1);
      if (!end) return;
      yield rows;
      last = end.line;
    }
  }

  /** The first rows that meet a condition, and how many do. */
  async find(condition: RawBuilder<unknown>): Promise<{ rows: Row[]; total: number }> {
    const { rows } = await sql<Row & { total: number }>`
      select *, count(*) over () as total from ${sql.table(this.table)} where ${condition}
      order by line limit ${MOST_SHOWN}`.execute(this.#tx);
    return { rows, total: rows[0]?.total ?? 0 };
  }

  async count(condition: RawBuilder<unknown>): Promise<number> {
    const { rows } = await sql<{ total: number }>`
      select count(*) as total from ${sql.table(this.table)} where ${condition}`.execute(this.#tx);
    return rows[0]?.total ?? 0;
  }

  /** The first rows whose id is there in an earlier line, and how many there are. */
  async repeated(): Promise<{ rows: Repeated[]; total: number }> {
    const { rows } = await sql<Repeated & { total: number }>`
      select line, id, first, count(*) over () as total from (
        select line, id, min(line) over (partition by id) as first from ${sql.table(this.table)}
        where id in (select id from ${sql.table(this.table)} group by id having count(*) > 1)
      ) as found
      where line <> first order by line limit ${MOST_SHOWN}`.execute(this.#tx);
    return { rows, total: rows[0]?.total ?? 0 };
  }
}

const toParameter = (value: unknown, type: Type): unknown =>
  type === 'jsonb' && value !== null ? JSON.stringify(value) : value;
