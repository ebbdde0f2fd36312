import type { RequestHandler } from 'express';
import {
  type Configuration,
  ConfigurationError,
  readConfiguration,
  SECRET_VARIABLES,
} from '../platform/configuration.ts';
import { createLog } from '../platform/log.ts';
import { type Platform, startPlatform } from '../platform/start.ts';
import { intentsInFiles } from './flow-needs.ts';
import { beforeFlowPaths } from './flow-paths.ts';
import { createFlowStorage } from './flow-storage.ts';
import { compiledRoot, packageRoot, workRoot } from './roots.ts';
import { nodeRedSettings } from './settings.ts';
import { foreignGuard, webRoutes } from './web.ts';

/** Reads the environment, or ends the program with one line a problem. Takes the secrets out of it. */
export function configurationOrExit(): Configuration {
  try {
    const configuration = readConfiguration(process.env, workRoot, packageRoot);
    // From here on no flow and no error text can read a secret from the environment.
    for (const name of SECRET_VARIABLES) delete process.env[name];
    return configuration;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(`Guildhall cannot start:\n${error.problems.map((line) => `  ${line}`).join('\n')}`);
    process.exit(1);
  }
}

/**
 * Settings for the plain `node-red` command: there the platform starts when Node-RED asks its storage for the first
 * time, which is before any node is loaded.
 */
export function plainSettings() {
  const configuration = configurationOrExit();
  const log = createLog(configuration.logLevel);
  let platform: Platform | null = null;
  const running = (): Platform => {
    if (!platform) throw new Error('Guildhall has not started yet.');
    return platform;
  };
  const storage = createFlowStorage({
    flowsFolder: configuration.flowsFolder,
    shippedFolder: configuration.shippedFlowsFolder,
    dataFolder: configuration.dataFolder,
    onInit: async () => {
      platform = await startPlatform(
        configuration,
        compiledRoot,
        log,
        intentsInFiles(configuration.flowsFolder, packageRoot),
      );
    },
    beforeChange: async () => platform?.flowsStopping(),
    afterFailure: () => platform?.gate.open(),
    log: (line) => log.warn(line),
  });
  const guard = foreignGuard(configuration);
  // The node-red command makes its server with Express as the listener: here what is kept is served from within.
  const kept: RequestHandler = (request, response, next) => {
    if (platform) platform.keptAnswers.serve(request, response, next);
    else next();
  };
  const routes = webRoutes({ configuration, platform: () => platform, flowProblems: storage.problems, plain: true });
  // Node-RED ends with process.exit once its flows have stopped and waits for nobody else.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.prependOnceListener(signal, () => void platform?.stop().finally(() => process.exit(0)));
  }
  const settings = nodeRedSettings(configuration, packageRoot, storage, running);
  return {
    ...settings,
    httpAdminMiddleware: [guard, ...settings.httpAdminMiddleware],
    httpNodeAuth: [guard, kept, routes, beforeFlowPaths(() => platform)],
  };
}
