import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import express from 'express';
import RED from 'node-red';
import { countPending } from '../core/credits/index.ts';
import { wait } from '../platform/clock.ts';
import type { Configuration } from '../platform/configuration.ts';
import { createLog } from '../platform/log.ts';
import { savedSettingsFile } from '../platform/saved-settings.ts';
import { type Platform, startPlatform } from '../platform/start.ts';
import { refuseForeign } from './access.ts';
import { FIRST_RUN_PATH, firstRunRoutes } from './first-run/index.ts';
import { liveStartFailed, liveStartSucceeded } from './first-run/outcome.ts';
import { canRestart, rememberStart, restart } from './first-run/restart.ts';
import { intentsInFiles } from './flow-needs.ts';
import { beforeFlowPaths } from './flow-paths.ts';
import { createFlowStorage } from './flow-storage.ts';
import { health } from './health.ts';
import { configurationOrExit } from './plain.ts';
import { compiledRoot, packageRoot } from './roots.ts';
import { EDITOR_USER, editorPassword, nodeRedSettings } from './settings.ts';
import { failures, foreignGuard, keptFirst, nothingHere, webRoutes } from './web.ts';

const STOP_WITHIN_MILLISECONDS = 9000;
const READY_WITHIN_MILLISECONDS = 30_000;
/** The start's list of problems waits so long for what the servers lack; `/health` has it in any case. */
const ROUNDS_WITHIN_MILLISECONDS = 3000;
const RESTART_AFTER_MILLISECONDS = 200;

async function main(): Promise<void> {
  const startedWith = rememberStart();
  const configuration = configurationOrExit();
  const log = createLog(configuration.logLevel);
  let platform: Platform | null = null;
  const server = createServer();
  const end = endOnce(async () => {
    server.close();
    server.closeAllConnections();
    if (platform) {
      await platform.flowsStopping();
      await RED.stop();
      await platform.stop();
    }
  });
  const stop = (code: number) => end(() => process.exit(code));
  let isToEnd = false;
  // Who ends the program while it is about to begin anew means the end.
  const begin = () => (isToEnd ? process.exit(0) : restart(startedWith));
  const beginAnew = () => end(begin, begin);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      isToEnd = true;
      void stop(0);
    });
  }
  process.on('uncaughtException', (error) => log.error({ stack: error.stack }, `uncaught: ${error.message}`));
  process.on('unhandledRejection', (reason) => log.error(`unhandled: ${(reason as Error)?.message ?? reason}`));

  try {
    await listenOn(server, configuration);
    console.log('Guildhall is starting …');
    platform = await startPlatform(
      configuration,
      compiledRoot,
      log,
      intentsInFiles(configuration.flowsFolder, packageRoot),
    );
    liveStartSucceeded(configuration);
    const flowProblems = await startNodeRed(server, configuration, platform, beginAnew);
    console.log(await banner(configuration, platform, flowProblems));
  } catch (error) {
    console.error(`Guildhall cannot start. ${(error as Error).message}`);
    // A port that another Guildhall has says nothing about the live server.
    if (server.listening && liveStartFailed(configuration, error as Error) && canRestart()) {
      console.error('The demo comes back; the first-run page says why.');
      await beginAnew();
    }
    if (configuration.discordFrom === 'first run') {
      console.error(`To return to the demo, remove ${savedSettingsFile(configuration.dataFolder)}.`);
    }
    await stop(1);
  }
}

/** Takes the port before anything else is started, so that a taken one costs nothing. */
async function listenOn(server: Server, { port, host }: Configuration): Promise<void> {
  server.on('request', answerWhileStarting);
  await new Promise<void>((resolveListening, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} on ${host} is taken. Stop what uses it, or set PORT to a free port.`;
      reject(new Error(error.code === 'EADDRINUSE' ? taken : `HOST ${host} cannot be used: ${error.message}.`));
    });
    server.listen(port, host, resolveListening);
  });
}

const answerWhileStarting: RequestListener = (_request, response) => {
  response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1' }).end('Guildhall is starting.\n');
};

async function startNodeRed(
  server: Server,
  configuration: Configuration,
  platform: Platform,
  beginAnew: () => Promise<void>,
): Promise<() => string[]> {
  const { log } = platform;
  const storage = createFlowStorage({
    flowsFolder: configuration.flowsFolder,
    shippedFolder: configuration.shippedFlowsFolder,
    dataFolder: configuration.dataFolder,
    beforeChange: platform.flowsStopping,
    afterFailure: platform.gate.open,
    log: (line) => log.warn(line),
  });
  let started = false;
  RED.events.once('flows:started', () => {
    started = true;
  });
  RED.init(server, {
    ...nodeRedSettings(configuration, packageRoot, storage, () => platform),
    // The sidebar shows the way to it; what the environment names is not changed there.
    ...(configuration.discordFrom !== 'environment' && { guildhallSetup: FIRST_RUN_PATH }),
  } as never);
  const app = express();
  app.disable('x-powered-by');
  const context = { configuration, platform: () => platform, flowProblems: () => storage.problems() };
  app.use(foreignGuard(configuration));
  if (configuration.editor.enabled) {
    const permission = RED.auth.needsPermission('guildhall.write');
    // The answer to who asked for it leaves first.
    const restartSoon = () => void setTimeout(beginAnew, RESTART_AFTER_MILLISECONDS);
    app.use(FIRST_RUN_PATH, firstRunRoutes({ ...context, boot: randomUUID(), permission, restart: restartSoon }));
    app.use('/editor', RED.httpAdmin);
  }
  app.use(webRoutes(context));
  app.use(beforeFlowPaths(() => platform));
  // As a part of this app it would have bodies read ahead of every guard (Node-RED's `http in`, rawBodyCapture).
  app.use((request, response, next) => RED.httpNode(request, response, next));
  app.use(nothingHere);
  app.use(failures((line) => log.error(line)));
  refuseForeignUpgrades(server, configuration);
  await RED.start();
  const until = Date.now() + READY_WITHIN_MILLISECONDS;
  // Node-RED loads its flows after its start: a broken file shows only now, and is mended in the editor.
  while (!started && storage.problems().length === 0 && Date.now() < until) await wait(10);
  server.off('request', answerWhileStarting);
  server.on('request', keptFirst(configuration, platform.keptAnswers, app));
  while (Date.now() < until && (await health(platform, storage.problems())).status !== 'ok') {
    // A refused token is mended by nothing that a start could wait for, but flows begin without Discord, too.
    const isRefused = platform.gate.flowsRun && platform.discord.status().state === 'refused';
    if (storage.problems().length > 0 || isRefused) break;
    await wait(25);
  }
  await Promise.race([platform.rounds.settled(), wait(ROUNDS_WITHIN_MILLISECONDS)]);
  return () => [...storage.problems(), ...storage.notices()];
}

/** The editor's WebSocket takes no connections from pages of other sites. */
function refuseForeignUpgrades(server: Server, configuration: Configuration): void {
  const refuse = refuseForeign(configuration);
  server.prependListener('upgrade', (request, socket) => {
    if (refuse(request)) socket.destroy();
  });
}

async function banner(configuration: Configuration, platform: Platform, flowProblems: () => string[]): Promise<string> {
  const base = configuration.publicUrl ?? `http://${configuration.host}:${configuration.port}`;
  const { problems } = await health(platform, flowProblems());
  const members = platform.sandboxUrl ? await demoMembers(platform.sandboxUrl) : null;
  const pending = await countPending(platform.database).catch(() => 0);
  const count = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`;
  const lines = [
    '',
    `Guildhall is running${platform.sandboxUrl ? ' as a demo: no Discord account, nothing leaves this machine' : ''}.`,
    '',
    `  Start page   ${base}/`,
    ...(configuration.editor.enabled
      ? [`  Flow editor  ${base}/editor   user ${EDITOR_USER}, password ${shownPassword(configuration)}`]
      : []),
    ...(platform.sandboxUrl ? [`  Sandbox      ${platform.sandboxUrl}`] : []),
    `  Health       ${base}/health`,
    ...(platform.sandboxUrl && configuration.editor.enabled ? [`  Go live      ${base}${FIRST_RUN_PATH}`] : []),
    '',
    `  ${members === null ? '' : `${count(members, 'demo member')}, `}${count(pending, 'pending request')}, ${count(problems.length, 'problem')}`,
    ...problems.map((problem) => `  ! ${problem}`),
    ...platform.recovered.map((sentence) => `  Recovered: ${sentence}`),
    '',
    '  Stop with Ctrl-C.',
    '',
  ];
  return lines.join('\n');
}

/** A chosen password is the operator's secret; only one that we made is shown. */
function shownPassword(configuration: Configuration): string {
  return configuration.editor.password ? 'as set in GUILDHALL_EDITOR_PASSWORD' : editorPassword(configuration);
}

async function demoMembers(sandboxUrl: string): Promise<number> {
  const response = await fetch(new URL('/sandbox/state', sandboxUrl));
  const { members } = (await response.json()) as { members: { bot: boolean }[] };
  return members.filter(({ bot }) => !bot).length;
}

/** A signal to the whole group arrives twice, and people press Ctrl-C again: it ends once, and in any case. */
function endOnce(stopAll: () => Promise<void>): (then: () => never, late?: () => never) => Promise<void> {
  let ending = false;
  return async (then, late = () => process.exit(1)) => {
    if (ending) return;
    ending = true;
    setTimeout(late, STOP_WITHIN_MILLISECONDS).unref();
    try {
      await stopAll();
    } catch (error) {
      console.error(`stopping: ${(error as Error).message}`);
    }
    then();
  };
}

await main();
