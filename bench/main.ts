import { benchRequest } from './request.ts';
import { benchStart } from './start.ts';

/** `npm run bench [-- name …]`: one JSON object alone on stdout; progress goes to stderr. */
const BENCHES: Record<string, (say: (line: string) => void) => Promise<object>> = {
  start: benchStart,
  request: benchRequest,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
const say = (line: string) => console.error(line);
const results: Record<string, object> = {};
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  say(`== ${name}`);
  results[name] = await bench(say);
}
console.log(JSON.stringify(results, null, 2));
