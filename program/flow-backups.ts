import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isFlowFile, listFiles, ORDER_FILE, SEED_FILE, syncFolder } from './flow-files.ts';

const KEPT = 20;
const BACKUP_NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z(-\d+)?$/;

/** Where the copies of the flow files lie. */
export function backupFolder(dataFolder: string): string {
  return join(dataFolder, 'flow-backups');
}

/** Copies all flow files to a new folder named by the time, and keeps the newest 20 such folders. */
export async function backUpFlows(flowsFolder: string, dataFolder: string, now: Date): Promise<void> {
  const names = (await listFiles(flowsFolder)).filter(
    (name) => isFlowFile(name) || name === ORDER_FILE || name === SEED_FILE,
  );
  if (!names.some(isFlowFile)) return;
  const root = backupFolder(dataFolder);
  const partial = join(root, '.partial');
  // A copy counts only once it is complete.
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  for (const name of names) await copyFile(join(flowsFolder, name), join(partial, name));
  await syncFolder(partial);
  const earlier = (await readdir(root)).filter((name) => BACKUP_NAME.test(name)).sort();
  await rename(partial, join(root, freeName(now, earlier)));
  await syncFolder(root);
  for (const name of earlier.slice(0, Math.max(0, earlier.length + 1 - KEPT))) {
    // A copy too many is no reason to refuse a save.
    await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Two saves may fall into one millisecond. */
function freeName(now: Date, earlier: readonly string[]): string {
  const time = now.toISOString().replace(/[:.]/g, '-');
  const same = earlier.filter((name) => name === time || name.startsWith(`${time}-`));
  return same.length === 0 ? time : `${time}-${(same.length + 1).toString().padStart(3, '0')}`;
}
