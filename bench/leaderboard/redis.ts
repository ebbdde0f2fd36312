import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../test/support/guildhall.ts';

/** A Redis of its own that keeps nothing. */
export interface OwnRedis {
  client: Redis;
  version: string;
  stop(): Promise<void>;
}

/** @returns null where no redis-server is on this machine */
export async function startRedis(): Promise<OwnRedis | null> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'guildhall-bench-'));
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  const kill = () => server.kill();
  process.once('exit', kill);
  const started = await Promise.race([once(server, 'spawn').then(() => true), once(server, 'error').then(() => false)]);
  const clear = () => {
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  if (!started) {
    clear();
    return null;
  }
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 });
  client.on('error', () => {});
  const [, version = ''] = /redis_version:(\S+)/.exec(await client.info('server')) ?? [];
  return {
    client,
    version,
    stop: async () => {
      client.disconnect();
      const gone = once(server, 'exit');
      server.kill();
      await gone;
      clear();
    },
  };
}
