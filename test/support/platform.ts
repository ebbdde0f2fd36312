import { listen, type Notifications } from '../../platform/database/notifications.ts';
import { createEvents, type Events } from '../../platform/events.ts';
import type { InteractionUser } from '../../platform/intakes.ts';
import { type Jobs, startJobs } from '../../platform/jobs.ts';
import { createTestDatabase, silent, type TestDatabase } from './database.ts';

/** The parts of the platform that rules stand on, on a database of their own. */
export interface TestRules extends TestDatabase {
  events: Events;
  jobs: Jobs;
  notifications: Notifications;
}

export const startTestRules = async (): Promise<TestRules> => startRulesOn(await createTestDatabase());

/** The same on a database that is there. Ends it with them. */
export async function startRulesOn(test: TestDatabase): Promise<TestRules> {
  const notifications = await listen(test.connectionString, silent);
  const jobs = await startJobs({ executeSql: (text, values) => test.pool.query(text, values) }, silent);
  const events = createEvents(test.database, test.database, jobs, notifications, silent);
  return {
    ...test,
    events,
    jobs,
    notifications,
    drop: async () => {
      await events.stop();
      await jobs.stop({ graceful: false });
      await notifications.close();
      await test.drop();
    },
  };
}

let nextUser = 200000000000000000n;

/** A member whom nobody has seen before. */
export function newMember(displayName = 'Somebody'): InteractionUser {
  nextUser += 1n;
  return {
    id: String(nextUser),
    username: `user${nextUser}`,
    displayName,
    discriminator: null,
    avatar: null,
    bot: false,
  };
}
