import {
  type BoardDefinition,
  boardDefinition,
  DEFAULT_METRICS,
  DEFAULT_TIERS,
  putPlayer,
} from '../../core/boards/index.ts';
import { type Boards, type BoardsPlatform, startBoards } from '../../core/boards/live.ts';
import { systemClock } from '../../platform/clock.ts';
import { connector, type Database } from '../../platform/database/index.ts';
import { createIntakes } from '../../platform/intakes.ts';
import { lead } from '../../platform/leadership.ts';
import { createSchedules } from '../../platform/schedules.ts';
import { createKeptAnswers } from '../../platform/web/kept-answers.ts';
import { createLiveFeed } from '../../platform/web/live-feed.ts';
import { GUILD, silent } from './database.ts';
import { startTestRules, type TestRules } from './platform.ts';

/** As many as the program's. */
const POOL_SIZE = 16;

/** The live boards of one instance, and the connections that they share with its rules. */
export interface Instance extends Boards {
  database: Database;
}

/** The live boards of one instance with connections of its own, beside others on the same database. */
export function startInstance(rules: TestRules, more: Partial<BoardsPlatform> = {}, closeAfter?: number): Instance {
  const connect = connector(rules.connectionString, silent);
  const { database, close } = connect(POOL_SIZE);
  const schedules = createSchedules(database, rules.jobs, rules.events, createIntakes(), silent);
  const parts = {
    database,
    connect,
    events: rules.events,
    keptAnswers: createKeptAnswers(),
    liveFeed: createLiveFeed({ clock: systemClock, addressOf: () => '127.0.0.1' }),
    schedules,
    log: silent,
    lead: (task: string) => lead(rules.connectionString, task, silent),
    ...more,
  };
  const boards = startBoards(parts, closeAfter);
  return {
    ...boards,
    database,
    stop: async () => {
      await boards.stop();
      await close();
    },
  };
}

export { startTestRules, type TestRules };

/** A board that settles only when it is told to, unless more is said. */
export function board(more: Partial<BoardDefinition> = {}): BoardDefinition {
  return boardDefinition.parse({
    key: 'all-time',
    title: 'All time',
    metrics: DEFAULT_METRICS,
    tiers: DEFAULT_TIERS,
    settleSeconds: 3600,
    ...more,
  });
}

/** Makes players of web ids. */
export async function makePlayers(rules: TestRules, ids: string[], more: object = {}): Promise<Map<string, number>> {
  const players = new Map<string, number>();
  for (const id of ids) {
    const saved = await putPlayer(rules, GUILD, id, { name: id.toUpperCase(), ...more });
    if ('refusal' in saved) throw new Error(saved.refusal.detail);
    players.set(id, saved.player);
  }
  return players;
}
