import { createServer } from 'node:net';
import { join } from 'node:path';
import { ConfigurationError, readConfiguration } from '../../platform/configuration.ts';
import { createLog } from '../../platform/log.ts';
import { type Platform, startPlatform } from '../../platform/start.ts';

/** What of a Node-RED's settings matters here. */
export interface ForeignSettings {
  userDir?: string;
}

/** The folder with the compiled `platform`, `core` and `sandbox`. */
const ROOT = join(import.meta.dirname, '..', '..');
const SANDBOX_PORTS = { first: 1881, last: 1980 };

/**
 * Starts the platform in a Node-RED that is not ours. Settings come from the environment, but for those of a web server,
 * which is Node-RED's own here; the environment itself is left alone, as other nodes may read it.
 * @throws Error with a sentence for the operator
 */
export async function startInForeign(settings: ForeignSettings): Promise<Platform> {
  const userDir = settings.userDir ?? process.cwd();
  const environment = Object.entries(process.env).filter(([name]) => !/^(PORT|HOST|GUILDHALL_EDITOR.*)$/.test(name));
  const { GUILDHALL_DATA, SANDBOX_PORT, DISCORD_BOT_TOKEN, ...others } = Object.fromEntries(environment);
  try {
    const configuration = readConfiguration(
      {
        ...others,
        DISCORD_BOT_TOKEN,
        GUILDHALL_DATA: GUILDHALL_DATA || 'guildhall',
        // Nobody chose this port, so another one does as well; the log says which.
        SANDBOX_PORT: SANDBOX_PORT || String(await freePort()),
      },
      userDir,
    );
    return await startPlatform(configuration, ROOT, createLog(configuration.logLevel));
  } catch (error) {
    throw error instanceof ConfigurationError ? new Error(error.problems.join(' ')) : error;
  }
}

/** The first free port from the sandbox's usual one on: a neighbour on this machine may have that. */
async function freePort(port = SANDBOX_PORTS.first): Promise<number> {
  if (port >= SANDBOX_PORTS.last || (await isFree(port))) return port;
  return freePort(port + 1);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
