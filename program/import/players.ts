import { sql } from 'kysely';
import { savePlayers } from '../../core/boards/index.ts';
import { checkProfile, compareProfiles, type GivenProfile, PROFILE_FIELDS } from '../../core/people/index.ts';
import { noteRepeated } from './checks.ts';
import type { CsvRow } from './csv.ts';
import { type Desk, type Report, type Sheet, summaryOf } from './sheet.ts';
import { Staging } from './staging.ts';

/** What a row of players will do; one with a problem stays, so that others that name its player have none. */
type State = 'new' | 'changed' | 'same' | 'bad';

interface StagedPlayer {
  line: number;
  id: string;
  profile: GivenProfile['profile'] | null;
  state: State;
}

const STATES = { new: 'new', shown: 'changed', unseen: 'changed', none: 'same' } as const;

export const PLAYERS_TABLE = 'import_players';

/** Who plays: made new, or brought up to date. A column that the file lacks stays as it is. */
export class PlayersSheet implements Sheet {
  readonly file: string;
  readonly columns = { required: ['id', 'name'], optional: PROFILE_FIELDS.filter((field) => field !== 'name') };
  readonly counts = { new: 0, changed: 0, same: 0 };
  readonly #desk: Desk;
  readonly #staging: Staging<StagedPlayer>;

  private constructor(desk: Desk, file: string, staging: Staging<StagedPlayer>) {
    this.#desk = desk;
    this.file = file;
    this.#staging = staging;
  }

  static async open(desk: Desk, file: string): Promise<PlayersSheet> {
    const columns = { line: 'integer', id: 'text', profile: 'jsonb', state: 'text' } as const;
    return new PlayersSheet(desk, file, await Staging.create<StagedPlayer>(desk.tx, PLAYERS_TABLE, columns));
  }

  async take(rows: CsvRow[]): Promise<void> {
    const { tx, community, toLock } = this.#desk;
    const read = rows.flatMap((row) => this.#read(row) ?? []);
    const good = read.flatMap(({ line, id, profile }) => (profile ? { line, id, profile } : []));
    const compared = await compareProfiles(tx, community, good);
    const staged = good.map(
      (row, index): StagedPlayer => ({ ...row, state: STATES[compared[index]?.change ?? 'new'] }),
    );
    for (const { state } of staged) if (state !== 'bad') this.counts[state] += 1;
    await this.#staging.add([...staged, ...read.filter(({ state }) => state === 'bad')]);
    await toLock.add(compared.flatMap(({ player, change }) => (player !== null && change !== 'none' ? player : [])));
  }

  /** @returns null where the row has not even an id */
  #read({ line, cells }: CsvRow): StagedPlayer | null {
    const { id = '', ...said } = cells;
    const checked = checkProfile(id, said);
    if (!('problems' in checked)) {
      const given = PROFILE_FIELDS.filter((field) => Object.hasOwn(said, field));
      const profile = Object.fromEntries(given.map((field) => [field, checked.profile[field]]));
      return { line, id, profile: { name: checked.profile.name, ...profile }, state: 'new' };
    }
    for (const { field, detail } of checked.problems) {
      this.#desk.problems.add({ file: this.file, line, column: field, sentence: detail });
    }
    const hasId = checked.problems.every(({ field }) => field !== 'id');
    return hasId ? { line, id, profile: null, state: 'bad' } : null;
  }

  async checkWhole(): Promise<void> {
    await this.#staging.filled();
    await noteRepeated(this.#desk, this.file, this.#staging);
  }

  /** Nobody waits for those who are new. */
  writeNew(report: Report): Promise<void> {
    return this.#write('new', report);
  }

  /** They must be locked. */
  writeChanged(report: Report): Promise<void> {
    return this.#write('changed', report);
  }

  async #write(state: 'new' | 'changed', report: Report): Promise<void> {
    const { tx, community } = this.#desk;
    const all = this.counts[state];
    let done = 0;
    this.counts[state] = 0;
    for await (const rows of this.#staging.batches(sql`state = ${state}`)) {
      const given = rows.flatMap(({ id, profile }) => (profile ? { id, profile } : []));
      for (const { change } of await savePlayers(tx, community, given)) this.counts[STATES[change]] += 1;
      done += rows.length;
      report(done, all);
    }
  }

  summary(isDone: boolean): string {
    const { new: fresh, changed, same } = this.counts;
    return summaryOf('player', [
      [fresh, 'new'],
      [changed, isDone ? 'brought up to date' : 'to be brought up to date'],
      [same, isDone ? 'as they were' : 'as they are'],
    ]);
  }
}
