import { benchLeaderboard } from './leaderboard.ts';
import { benchLive } from './live.ts';
import { type Bench, type BenchOptions, readOptions } from './options.ts';
import { benchRequest } from './request.ts';
import { benchStart } from './start.ts';

/** `npm run bench [-- name … [--players N] [--only part] [--draw file]]`: one JSON object alone on stdout; progress goes to stderr. */
const BENCHES: Record<string, Bench> = {
  start: benchStart,
  request: benchRequest,
  live: benchLive,
  leaderboard: benchLeaderboard,
};

function read(given: string[]): { names: string[]; options: BenchOptions } {
  try {
    const asked = readOptions(given);
    const unknown = asked.names.filter((name) => !Object.hasOwn(BENCHES, name));
    if (unknown.length === 0) return asked;
    throw new Error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const { names, options } = read(process.argv.slice(2));
const say = (line: string) => console.error(line);
const results: Record<string, object> = {};
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  say(`== ${name}`);
  results[name] = await bench(say, options);
}
console.log(JSON.stringify(results, null, 2));
