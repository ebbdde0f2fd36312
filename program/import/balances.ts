import { sql } from 'kysely';
import { checkOpening, enterOpenings, type Opening, openingsBefore, refuseOther } from '../../core/credits/index.ts';
import { findPlayers } from '../../core/people/index.ts';
import { noteRepeated, noteUnknownPlayers, refuseRejected } from './checks.ts';
import type { CsvRow } from './csv.ts';
import { type Desk, type Report, type Sheet, summaryOf } from './sheet.ts';
import { Staging } from './staging.ts';

type State = 'new' | 'before' | 'nothing' | 'bad';

interface StagedOpening {
  line: number;
  id: string;
  player: string;
  known: boolean;
  credit_type: Opening['creditType'] | null;
  amount: number | null;
  state: State;
}

const BAD = { player: '', known: true, credit_type: null, amount: null, state: 'bad' } as const;

/** Credits that players have from elsewhere: added to what they have, once for each id. */
export class BalancesSheet implements Sheet {
  readonly file: string;
  readonly columns = { required: ['id', 'player', 'credit_type', 'amount'], optional: ['reason'] };
  readonly counts = { new: 0, before: 0, nothing: 0 };
  readonly #desk: Desk;
  readonly #staging: Staging<StagedOpening>;

  private constructor(desk: Desk, file: string, staging: Staging<StagedOpening>) {
    this.#desk = desk;
    this.file = file;
    this.#staging = staging;
  }

  static async open(desk: Desk, file: string): Promise<BalancesSheet> {
    const staging = await Staging.create<StagedOpening>(desk.tx, 'import_balances', {
      line: 'integer',
      id: 'text',
      player: 'text',
      known: 'boolean',
      credit_type: 'text',
      amount: 'bigint',
      state: 'text',
    });
    return new BalancesSheet(desk, file, staging);
  }

  async take(rows: CsvRow[]): Promise<void> {
    const { tx, community, problems } = this.#desk;
    const read = rows.flatMap((row) => this.#read(row) ?? []);
    const good = read.flatMap(({ line, opening }) => (opening ? { line, opening } : []));
    const ids = good.map(({ opening }) => opening.id);
    const names = good.map(({ opening }) => opening.player);
    const before = await openingsBefore(tx, community, ids);
    const playerOf = await findPlayers(tx, community, names);
    const staged = good.map(({ line, opening }): StagedOpening => {
      const { id, player, creditType: credit_type, amount } = opening;
      const entered = before.get(id);
      const other = entered && refuseOther(opening, playerOf(player), entered);
      if (other) problems.add({ file: this.file, line, column: 'id', sentence: other });
      const known = entered !== undefined || playerOf(player) !== null;
      const state = entered ? 'before' : amount === 0 ? 'nothing' : 'new';
      this.counts[state] += 1;
      return { line, id, player, known, credit_type, amount, state };
    });
    const bad = read.filter(({ opening }) => !opening).map(({ line, id }) => ({ ...BAD, line, id }));
    await this.#staging.add([...staged, ...bad]);
  }

  /** @returns null where the row has not even an id */
  #read({ line, cells }: CsvRow): { line: number; id: string; opening: Opening | null } | null {
    const { id = '', player = '', credit_type = '', amount = '', reason = '' } = cells;
    const checked = checkOpening({
      id,
      player,
      creditType: credit_type.toLowerCase(),
      amount: /^\d+$/.test(amount) ? Number(amount) : amount,
      reason: reason || null,
    });
    if (!('problems' in checked)) return { line, id, opening: checked };
    for (const { field, reason: why } of checked.problems) {
      this.#desk.problems.add({ file: this.file, line, column: field, sentence: why });
    }
    return checked.problems.every(({ field }) => field !== 'id') ? { line, id, opening: null } : null;
  }

  async checkWhole(): Promise<void> {
    await this.#staging.filled();
    await noteRepeated(this.#desk, this.file, this.#staging);
    await noteUnknownPlayers(this.#desk, this.file, this.#staging);
  }

  /** @throws Refused where one cannot be entered, with the problem noted */
  async write(report: Report): Promise<void> {
    const { tx, community } = this.#desk;
    const all = this.counts.new;
    let done = 0;
    this.counts.new = 0;
    for await (const rows of this.#staging.batches(sql`state = 'new'`)) {
      const openings = rows.map(({ id, player, credit_type, amount }) => ({
        id,
        player,
        creditType: credit_type as Opening['creditType'],
        amount: amount as number,
      }));
      const { entered, before, rejected } = await enterOpenings(tx, community, openings);
      refuseRejected(this.#desk, this.file, rows, rejected);
      this.counts.new += entered;
      this.counts.before += before;
      done += rows.length;
      report(done, all);
    }
  }

  summary(isDone: boolean): string {
    const { new: fresh, before, nothing } = this.counts;
    return summaryOf('opening', [
      [fresh, isDone ? 'added' : 'to be added'],
      [before, 'added before'],
      [nothing, 'of 0 credits'],
    ]);
  }
}
