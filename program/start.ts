import { createServer, type RequestListener, type Server } from 'node:http';
import express from 'express';
import RED from 'node-red';
import { countPending } from '../core/credits/index.ts';
import { wait } from '../platform/clock.ts';
import type { Configuration } from '../platform/configuration.ts';
import { createLog } from '../platform/log.ts';
import { type Platform, startPlatform } from '../platform/start.ts';
import { refuseForeign } from './access.ts';
import { createFlowStorage } from './flow-storage.ts';
import { health } from './health.ts';
import { configurationOrExit } from './plain.ts';
import { compiledRoot, packageRoot } from './roots.ts';
import { EDITOR_USER, editorPassword, nodeRedSettings } from './settings.ts';
import { foreignGuard, webRoutes } from './web.ts';

const STOP_WITHIN_MILLISECONDS = 9000;
const READY_WITHIN_MILLISECONDS = 30_000;

async function main(): Promise<void> {
  const configuration = configurationOrExit();
  const log = createLog(configuration.logLevel);
  let platform: Platform | null = null;
  const server = createServer();
  const stop = stopOnce(async () => {
    server.close();
    server.closeAllConnections();
    if (platform) {
      await platform.flowsStopping();
      await RED.stop();
      await platform.stop();
    }
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
  process.on('uncaughtException', (error) => log.error({ stack: error.stack }, `uncaught: ${error.message}`));
  process.on('unhandledRejection', (reason) => log.error(`unhandled: ${(reason as Error)?.message ?? reason}`));

  try {
    await listenOn(server, configuration);
    console.log('Guildhall is starting …');
    platform = await startPlatform(configuration, compiledRoot, log);
    const flowProblems = await startNodeRed(server, configuration, platform);
    console.log(await banner(configuration, platform, flowProblems));
  } catch (error) {
    console.error(`Guildhall cannot start. ${(error as Error).message}`);
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

async function startNodeRed(server: Server, configuration: Configuration, platform: Platform): Promise<() => string[]> {
  const { log } = platform;
  const storage = createFlowStorage({
    flowsFolder: configuration.flowsFolder,
    shippedFolder: configuration.shippedFlowsFolder,
    dataFolder: configuration.dataFolder,
    beforeChange: platform.flowsStopping,
    afterFailure: platform.gate.open,
    log: (line) => log.warn(line),
  });
  const started = new Promise((resolveStarted) => RED.events.once('flows:started', resolveStarted));
  RED.init(server, nodeRedSettings(configuration, packageRoot, storage, () => platform) as never);
  const app = express();
  const context = { configuration, platform: () => platform, flowProblems: () => storage.problems() };
  app.use(foreignGuard(configuration));
  if (configuration.editor.enabled) app.use('/editor', RED.httpAdmin);
  app.use(webRoutes(context));
  refuseForeignUpgrades(server, configuration);
  await RED.start();
  if (storage.problems().length === 0) await Promise.race([started, wait(READY_WITHIN_MILLISECONDS)]);
  server.off('request', answerWhileStarting);
  server.on('request', app);
  const until = Date.now() + READY_WITHIN_MILLISECONDS;
  while (Date.now() < until && (await health(platform, storage.problems())).status !== 'ok') {
    if (storage.problems().length > 0 || platform.discord.status().state === 'refused') break;
    await wait(25);
  }
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

/** A signal to the whole group arrives twice, and people press Ctrl-C again: it stops once, and in any case. */
function stopOnce(end: () => Promise<void>): (code: number) => Promise<void> {
  let stopping = false;
  return async (code) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MILLISECONDS).unref();
    try {
      await end();
    } catch (error) {
      console.error(`stopping: ${(error as Error).message}`);
    }
    process.exit(code);
  };
}

await main();
