import { readFileSync } from 'node:fs';
import { startSandbox } from './index.ts';
import { parseJson } from './json.ts';

/** The sandbox as a process of its own: settings from the environment, a word to its parent, a clean end. */
const {
  SANDBOX_PORT = '1881',
  SANDBOX_SPEED = '1',
  SANDBOX_LIMITS = 'on',
  GUILDHALL_DATA = '.guildhall',
  SANDBOX_STATE = '',
} = process.env;

const port = Number(SANDBOX_PORT);
const speed = Number(SANDBOX_SPEED);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`SANDBOX_PORT must be a port, not "${SANDBOX_PORT}"`);
if (!(speed > 0 && Number.isFinite(speed))) fail(`SANDBOX_SPEED must be a number above 0, not "${SANDBOX_SPEED}"`);
if (!['on', 'off'].includes(SANDBOX_LIMITS)) fail(`SANDBOX_LIMITS must be "on" or "off", not "${SANDBOX_LIMITS}"`);

// Whoever read the output may be gone: a word that nobody hears is no reason to fail.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.on('uncaughtException', (error) => console.error('sandbox:', error));
process.on('unhandledRejection', (error) => console.error('sandbox:', error));

/** The file in SANDBOX_STATE, which a new data folder begins with. */
function readInitialState(): { initialState?: unknown } {
  if (SANDBOX_STATE === '') return {};
  try {
    return { initialState: parseJson(readFileSync(SANDBOX_STATE, 'utf8')) };
  } catch (error) {
    throw new Error(`SANDBOX_STATE: ${error instanceof Error ? error.message : String(error)}`);
  }
}

try {
  const sandbox = await startSandbox({
    port,
    dataFolder: GUILDHALL_DATA,
    speed,
    limits: SANDBOX_LIMITS === 'on',
    ...readInitialState(),
  });
  const { url, application, guildId } = sandbox;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    sandbox.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (process.send === undefined) {
    console.log(`Sandbox Discord at ${url}`);
    console.log(`  API base     ${url}/api`);
    console.log(`  Bot token    ${application.botToken}`);
    console.log(`  Application  ${application.id}`);
    console.log(`  Guild        ${guildId}`);
    console.log('Ctrl-C stops it.');
  } else {
    process.on('disconnect', stop);
    process.send({ ready: true, url, port: sandbox.port, application, guildId });
  }
} catch (error) {
  const code = error instanceof Error ? String('code' in error ? error.code : error.message) : String(error);
  if (process.send === undefined) fail(code === 'EADDRINUSE' ? `Port ${port} is taken: set SANDBOX_PORT` : code);
  process.send({ error: code, port }, () => process.exit(1));
}
