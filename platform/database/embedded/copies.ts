import { lstatSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf } from './home.ts';

type CopyRequest = {
  native: string;
  parent: string;
  name: string;
  log: (line: string) => void;
  links: (native: string) => string | null;
};

const ABANDONED_MS = 60 * 60 * 1000;

/** Whether nobody but us (or root) can exchange what lies in this folder. */
function isSafeParent(parent: string): boolean {
  const stat = statSync(parent, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return false;
  const [shared, sticky] = [(stat.mode & 0o022) !== 0, (stat.mode & 0o1000) !== 0];
  return (stat.uid === process.geteuid?.() || stat.uid === 0) && (!shared || sticky);
}

/** Whether a folder is truly ours: a link, or a folder that another user put there, is not. */
function isOurs(path: string): boolean {
  const stat = lstatSync(path);
  return stat.isDirectory() && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0;
}

async function copyTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await mkdir(target);
      await copyTree(source, target);
    } else if (entry.isSymbolicLink()) {
      const to = await readlink(source);
      if (basename(to) === to) await symlink(to, target);
    } else {
      await copyFile(source, target);
      // The install may have been made under a strict umask; a copy is there to be read.
      await chmod(target, (lstatSync(source).mode & 0o111) === 0 ? 0o644 : 0o755);
    }
  }
  await chmod(to, 0o755);
}

/** Whether every file is there in full: a power cut may have emptied some that were just written. */
async function isWhole(native: string, copy: string): Promise<boolean> {
  for (const entry of await readdir(native, { withFileTypes: true })) {
    const [source, target] = [join(native, entry.name), join(copy, entry.name)];
    if (entry.isDirectory()) {
      if (!(await isWhole(source, target).catch(() => false))) return false;
    } else if (entry.isFile() && statSync(source).size !== statSync(target, { throwIfNoEntry: false })?.size) {
      return false;
    }
  }
  return true;
}

async function sweep(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const path = join(parent, entry);
    if (!entry.startsWith(`${name}.`)) continue;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat || stat.uid !== process.geteuid?.() || Date.now() - stat.ctimeMs < ABANDONED_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

async function discard(path: string): Promise<void> {
  const aside = await mkdtemp(`${path}.`);
  await rename(path, join(aside, 'broken'));
  await rm(aside, { recursive: true, force: true });
}

/**
 * Provides a copy of the programs, named by their version, at a place that other users can enter. It is made under
 * another name and renamed, so that two starts at once do no harm, and used only while it is ours alone to write.
 */
export async function provideCopy(request: CopyRequest): Promise<{ path: string } | { why: string }> {
  const { native, parent, name, log, links } = request;
  const path = join(parent, name);
  try {
    if (!isSafeParent(parent)) return { why: `${parent} is no folder for a copy: other users could exchange it` };
    if (lstatSync(path, { throwIfNoEntry: false })) {
      if (!isOurs(path)) return { why: `${path} was put there by somebody else; remove it` };
      if ((await isWhole(native, path)) && links(path) === null) return { path };
    }
    await sweep(parent, name);
    log(`PostgreSQL's programs are copied to ${path}, since they cannot be used where they are installed.`);
    const draft = await mkdtemp(`${path}.`);
    try {
      await copyTree(native, draft);
      const why = links(draft);
      if (why !== null) return { why };
      if (lstatSync(path, { throwIfNoEntry: false })) await discard(path);
      await rename(draft, path);
    } catch (error) {
      // Somebody else of ours was faster.
      if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error)) || !isOurs(path)) throw error;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    return { path };
  } catch (error) {
    return { why: `no copy could be made at ${path} (${codeOf(error) || String(error)})` };
  }
}
