import { verifyBoards } from '../core/boards/index.ts';
import { verifyBalances, verifyDecisions } from '../core/credits/index.ts';
import { ConfigurationError, readConfiguration } from '../platform/configuration.ts';
import { checkServer, openDatabase } from '../platform/database/index.ts';
import { createLog } from '../platform/log.ts';
import { findDatabase } from './find-database.ts';
import { packageRoot, workRoot } from './roots.ts';

/**
 * `npm run verify`: recomputes what can be recomputed from the logs and says what differs. Works beside a running
 * program. Exit code 0: all is as it should be; 1: something differs; 2: it could not look.
 */
async function main(): Promise<number> {
  const configuration = readConfiguration(process.env, workRoot, packageRoot);
  const { connectionString, stop } = await findDatabase(configuration);
  const { database } = openDatabase(connectionString, createLog('silent'), { size: 2 });
  try {
    await checkServer(database, 5000);
    const { accounts, differences } = await verifyBalances(database);
    const { decided, broken } = await verifyDecisions(database);
    console.log(`${accounts} balances recomputed from the ledger, ${differences.length} differ.`);
    for (const { community, player, creditType, balance, ledger } of differences) {
      console.log(`  community ${community}, player ${player}, ${creditType}: balance ${balance}, ledger ${ledger}`);
    }
    console.log(`${decided} decisions checked against ledger and events, ${broken.length} broken.`);
    for (const id of broken) console.log(`  request #${id}`);
    const boards = await verifyBoards(database);
    console.log(
      `${boards.boards} boards: ${boards.scores} scores made anew from the log, ${boards.ranks} ranks by PostgreSQL, ` +
        `${boards.differences.length} differ.`,
    );
    for (const { community, board, player, what, is, shouldBe } of boards.differences.slice(0, 100)) {
      console.log(`  community ${community}, board ${board}, player ${player}: ${what} ${is}, should be ${shouldBe}`);
    }
    return differences.length + broken.length + boards.differences.length > 0 ? 1 : 0;
  } finally {
    await database.destroy();
    await stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const problems = error instanceof ConfigurationError ? error.problems : [(error as Error).message];
  console.error(problems.join('\n'));
  process.exitCode = 2;
}
