import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration, DiscordSettings } from './configuration.ts';

export interface SandboxProcess {
  url: string;
  settings: DiscordSettings;
  stop(): Promise<void>;
}

interface ReadyMessage {
  ready?: boolean;
  error?: string;
  port?: number;
  url: string;
  guildId: string;
  application: { id: string; publicKey: string; botToken: string; clientSecret: string };
}

/**
 * Starts the sandbox Discord as a program of its own. It ends by itself when this process is gone.
 * @param root the folder that holds `sandbox/`
 */
export async function startSandboxProcess(root: string, configuration: Configuration): Promise<SandboxProcess> {
  const compiled = join(root, 'sandbox', 'main.js');
  const child = fork(existsSync(compiled) ? compiled : join(root, 'sandbox', 'main.ts'), {
    env: {
      PATH: process.env.PATH,
      SANDBOX_PORT: String(configuration.sandbox.port),
      SANDBOX_LIMITS: configuration.sandbox.limits,
      SANDBOX_SPEED: String(configuration.sandbox.speed),
      GUILDHALL_DATA: configuration.dataFolder,
      ...(configuration.sandbox.state === null ? {} : { SANDBOX_STATE: configuration.sandbox.state }),
    },
    // A Ctrl-C in the terminal reaches the whole group; the sandbox must outlive its clients.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = await new Promise<ReadyMessage>((resolve, reject) => {
    child.once('message', (message) => resolve(message as ReadyMessage));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The sandbox ended while it started (exit code ${code}).`)));
  });
  if (!ready.ready) {
    throw new Error(
      ready.error === 'EADDRINUSE'
        ? `Port ${configuration.sandbox.port} is taken, so the sandbox cannot start. Set SANDBOX_PORT to a free port.`
        : `The sandbox cannot start: ${ready.error}.`,
    );
  }
  return {
    url: ready.url,
    settings: {
      token: ready.application.botToken,
      applicationId: ready.application.id,
      guildId: ready.guildId,
      apiBase: `${ready.url.replace(/\/$/, '')}/api`,
      publicKey: ready.application.publicKey,
      clientSecret: ready.application.clientSecret,
    },
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(timer);
}
