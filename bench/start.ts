import { measureBareNodeRed, startGuildhall } from './contenders.ts';
import { middle } from './figures.ts';

const STARTS = 5;

/** From the command to ready, warm, beside a bare Node-RED 5 of the same version and flags. */
export async function benchStart(say: (line: string) => void): Promise<object> {
  const guildhall = await startGuildhall();
  const times: number[] = [];
  const bare: number[] = [];
  try {
    for (let count = 1; count <= STARTS; count += 1) {
      times.push(await guildhall.start());
      bare.push((await measureBareNodeRed()).readyMs);
      say(`start ${count}: ${times.at(-1)} ms; a bare Node-RED ${bare.at(-1)} ms`);
    }
  } finally {
    await guildhall.stop();
  }
  const readyMs = middle(times);
  const bareReadyMs = middle(bare);
  return { firstMs: guildhall.readyMs, readyMs, bareReadyMs, ratio: Math.round((readyMs / bareReadyMs) * 100) / 100 };
}
