import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});

const schema = z.object({
  /** True: this bot is used; false: it is being prepared, and the demo runs. */
  live: z.boolean().default(false),
  /** True from going live until a start has succeeded with it. */
  untried: z.boolean().default(false),
  /** Why the last start with it failed, after which the demo came back. */
  failure: z.string().default(''),
  apiBase: z.string().default(''),
  applicationId: z.string().default(''),
  publicKey: z.string().default(''),
  guildId: z.string().default(''),
  /** What flows call a channel or a role → the id of the server's own. */
  channels: names,
  roles: names,
  /** The channel in which a test message was seen. */
  testedChannel: z.string().default(''),
});

/** What the first-run page keeps, apart from secrets. */
export type SavedSettings = z.output<typeof schema>;

/** The secrets that the first-run page keeps, each in a file of its own that only its owner reads. */
export const SAVED_SECRETS = { token: 'discord-bot-token', clientSecret: 'discord-client-secret' } as const;
export type SavedSecret = keyof typeof SAVED_SECRETS;

export const savedSettingsFile = (dataFolder: string): string => join(dataFolder, 'first-run.json');
export const savedSecretFile = (dataFolder: string, secret: SavedSecret): string =>
  join(dataFolder, 'secrets', SAVED_SECRETS[secret]);

/** @throws Error that names the file and says what to do, where it is there and cannot be used */
export function readSavedSettings(dataFolder: string): SavedSettings {
  const file = savedSettingsFile(dataFolder);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return schema.parse({});
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Mend its permissions.`);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${file} is damaged. Remove it to begin the first run anew, or restore it from a backup.`);
  }
}

/** Changes some of what is kept: whole or not at all. */
export function saveSettings(dataFolder: string, change: Partial<SavedSettings>): SavedSettings {
  const next = { ...readSavedSettings(dataFolder), ...change };
  writeWhole(savedSettingsFile(dataFolder), `${JSON.stringify(next, null, 2)}\n`);
  return next;
}

/** The secret that was saved, or null. */
export function readSavedSecret(dataFolder: string, secret: SavedSecret): string | null {
  try {
    return readFileSync(savedSecretFile(dataFolder, secret), 'utf8').trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** @param value null forgets it */
export function saveSecret(dataFolder: string, secret: SavedSecret, value: string | null): void {
  const file = savedSecretFile(dataFolder, secret);
  if (value === null) rmSync(file, { force: true });
  else writeWhole(file, `${value}\n`);
}

function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text, { mode: 0o600, flush: true });
  renameSync(unfinished, file);
}
