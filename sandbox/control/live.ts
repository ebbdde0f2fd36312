import type { ServerResponse } from 'node:http';
import type { World } from '../world.ts';

/** Changes that come together are told once. */
const PAUSE_MS = 40;

/** Keeps a page up to date: one server-sent event after each change of the state. */
export function streamChanges(world: World, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 1000\ndata: open\n\n');
  let waiting = false;
  const unwatch = world.store.watch('*', () => {
    if (waiting) return;
    waiting = true;
    world.clock.after(PAUSE_MS, () => {
      waiting = false;
      if (!response.destroyed) response.write('data: change\n\n');
    });
  });
  response.on('close', unwatch);
}
