import { answerTasks } from '../../bench/worker.ts';
import type { BoardDefinition, Settled } from '../../core/boards/index.ts';
import { openDatabase } from '../../platform/database/index.ts';
import { type Leadership, lead } from '../../platform/leadership.ts';
import { allCaughtUp, instanceDifferences } from './board-oracle.ts';
import { startInstance } from './boards.ts';
import { GUILD, silent } from './database.ts';
import { until } from './guildhall.ts';
import { startRulesOn } from './platform.ts';

/** The live boards of one instance as a process of its own: no Node-RED, no Discord, no web. */
const [connectionString = ''] = process.argv.slice(2);
/** Boards of a hundred thousand players are read and compared in seconds, not in milliseconds. */
const PATIENCE = 60_000;

const { database, pool } = openDatabase(connectionString, silent);
const comparing = openDatabase(connectionString, silent, { size: 1, patient: true });
const rules = await startRulesOn({
  connectionString,
  database,
  pool,
  drop: async () => {
    await database.destroy();
    await comparing.pool.end();
  },
});
let leading: Promise<Leadership> | null = null;
const instance = startInstance(rules, {
  lead: (task) => {
    leading = lead(connectionString, task, silent);
    return leading;
  },
});

answerTasks(
  {
    /** Has boards, and waits until they are read. */
    add: async (...definitions: BoardDefinition[]) => {
      for (const definition of definitions) await instance.add(GUILD, definition).ready;
      const isLive = async () =>
        definitions.length === instance.live().filter(({ loaded, isReading }) => loaded && !isReading).length;
      await until('the boards to be read', isLive, PATIENCE);
    },
    leads: async () => (await leading)?.leads() ?? false,
    /** Compares all that it has in memory with what PostgreSQL makes of the same scores. */
    differences: async () => {
      await allCaughtUp(database, [instance], PATIENCE);
      return instanceDifferences(comparing.database, instance, GUILD);
    },
    /** The score of a player of a board, as it is shown live. */
    score: async (player: string, board: string) => {
      const found = await instance.player(GUILD, player, board);
      return 'refusal' in found ? null : (found.entry?.score ?? null);
    },
    settle: async (board: string): Promise<Settled> => {
      const settled = await instance.settle(GUILD, board);
      if ('refusal' in settled) throw new Error(settled.refusal.detail);
      return settled;
    },
  },
  async () => {
    await instance.stop();
    await rules.drop();
  },
);
