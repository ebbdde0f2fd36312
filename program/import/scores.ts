import { sql } from 'kysely';
import { checkEvent, countedBefore, metricsIn, type ReadEvent, ScoreImport } from '../../core/boards/index.ts';
import { findPlayers } from '../../core/people/index.ts';
import { noteRepeated, noteUnknownPlayers, refuseRejected } from './checks.ts';
import type { CsvRow } from './csv.ts';
import { type Desk, type Report, type Sheet, summaryOf } from './sheet.ts';
import { Staging } from './staging.ts';

type State = 'new' | 'before' | 'bad';

interface StagedEvent {
  line: number;
  id: string;
  player: string;
  known: boolean;
  metrics: ReadEvent['metrics'] | null;
  state: State;
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** What players did: each event counts once, whenever it comes. */
export class ScoresSheet implements Sheet {
  readonly file: string;
  readonly columns;
  readonly counts = { new: 0, before: 0 };
  readonly #desk: Desk;
  readonly #staging: Staging<StagedEvent>;

  private constructor(desk: Desk, file: string, metrics: string[], staging: Staging<StagedEvent>) {
    this.#desk = desk;
    this.file = file;
    const others = metrics.length === 0 ? 'one for each metric, once the community has a board' : undefined;
    this.columns = { required: ['id', 'player'], optional: metrics, ...(others && { others }) };
    this.#staging = staging;
  }

  static async open(desk: Desk, file: string): Promise<ScoresSheet> {
    const { tx, community } = desk;
    const metrics = [...(await metricsIn(tx, community))].sort();
    const staging = await Staging.create<StagedEvent>(tx, 'import_scores', {
      line: 'integer',
      id: 'text',
      player: 'text',
      known: 'boolean',
      metrics: 'jsonb',
      state: 'text',
    });
    return new ScoresSheet(desk, file, metrics, staging);
  }

  async take(rows: CsvRow[]): Promise<void> {
    const { tx, community, toLock } = this.#desk;
    const read = rows.flatMap((row) => this.#read(row) ?? []);
    const good = read.filter(({ state }) => state === 'new');
    const ids = good.map(({ id }) => id);
    const before = await countedBefore(tx, community, ids);
    const fresh = good.filter(({ id }) => !before.has(id));
    const names = fresh.map(({ player }) => player);
    const playerOf = await findPlayers(tx, community, names);
    for (const event of fresh) event.known = playerOf(event.player) !== null;
    for (const event of good) if (before.has(event.id)) event.state = 'before';
    this.counts.new += fresh.length;
    this.counts.before += good.length - fresh.length;
    await this.#staging.add(read);
    await toLock.add([...new Set(fresh.flatMap(({ player }) => playerOf(player) ?? []))]);
  }

  /** @returns null where the row has not even an id; `known` and whether it was counted are not looked up yet */
  #read({ line, cells }: CsvRow): StagedEvent | null {
    const { id = '', player = '', ...metrics } = cells;
    const given: Record<string, string | number> = { id, player };
    for (const [name, cell] of Object.entries(metrics)) {
      if (cell !== '') given[name] = NUMBER.test(cell) ? Number(cell) : cell;
    }
    const checked = checkEvent(given);
    if (!('problems' in checked)) return { line, id, player, known: true, metrics: checked.metrics, state: 'new' };
    for (const { field, reason } of checked.problems) {
      this.#desk.problems.add({ file: this.file, line, column: field, sentence: reason });
    }
    const hasId = checked.problems.every(({ field }) => field !== 'id');
    return hasId ? { line, id, player, known: true, metrics: null, state: 'bad' } : null;
  }

  async checkWhole(): Promise<void> {
    await this.#staging.filled();
    await noteRepeated(this.#desk, this.file, this.#staging);
    await noteUnknownPlayers(this.#desk, this.file, this.#staging);
  }

  /** From here on the boards stay as they are. Lock the players after it, and count before `ScoreImport.finish`. */
  begin(source: string): Promise<ScoreImport> {
    return ScoreImport.begin(this.#desk.tx, this.#desk.community, source);
  }

  /** @throws Refused where an event cannot count, with the problem noted */
  async write(scores: ScoreImport, report: Report): Promise<void> {
    const all = this.counts.new;
    let done = 0;
    this.counts.new = 0;
    for await (const rows of this.#staging.batches(sql`state = 'new'`)) {
      const events = rows.map(({ id, player, metrics }) => ({ id, player, metrics: metrics ?? {} }));
      const { accepted, duplicates, rejected } = await scores.count(events);
      refuseRejected(this.#desk, this.file, rows, rejected);
      this.counts.new += accepted;
      this.counts.before += duplicates;
      done += rows.length;
      report(done, all);
    }
  }

  summary(isDone: boolean): string {
    const { new: fresh, before } = this.counts;
    return summaryOf('score event', [
      [fresh, isDone ? 'counted' : 'to be counted'],
      [before, 'counted before'],
    ]);
  }
}
