import type { Compilable, CompiledQuery } from 'kysely';
import type { Database } from './index.ts';

/** Stands for a parameter's value while a query is compiled. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Names a parameter while a query is built. */
export type Parameter<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name];

/**
 * A query that each slash command takes: kysely builds and compiles it at its first use alone, which costs more than
 * all else that this process does for it.
 * @param build makes the query; what `parameter` returns stands for the value of that name, and nothing may be done
 * with it but to pass it to kysely
 */
export function compiledOnce<Values extends object, Row>(
  build: (database: Database, parameter: Parameter<Values>) => Compilable<Row>,
): (database: Database, values: Values) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined;
  return async (database, values) => {
    compiled ??= build(database, (name) => new Placeholder(name) as never).compile();
    const parameters = compiled.parameters.map((value) =>
      value instanceof Placeholder ? values[value.name as keyof Values] : value,
    );
    const { rows } = await database.executeQuery<Row>({ ...compiled, parameters });
    return rows;
  };
}

/** The row that is always there. @throws Error where it is not */
export function theOnly<Row>(rows: Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('a row that must be there is missing');
  return row;
}
