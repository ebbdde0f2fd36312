import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** Where things lie in the folder of the embedded database. */
export type Home = {
  folder: string;
  /** PostgreSQL's own data directory. */
  data: string;
  lock: string;
  owner: string;
  password: string;
  log: string;
};

/** What begins with this is a draft: whoever owns the folder next may remove it. */
export const unfinishedPrefix = 'new-';

const KEPT_LOG = 1 << 20;
/** SQLite, which holds the lock, takes paths of 511 bytes; the lock's journal is the longest one. */
const LONGEST_FOLDER = 480;

/** The error code of what was thrown, such as `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Where the files of the database in `folder` lie; nothing is touched. */
export function homeIn(folder: string): Home {
  const at = resolve(folder);
  return {
    folder: at,
    data: join(at, 'data'),
    lock: join(at, 'owner.lock'),
    owner: join(at, 'owner.json'),
    password: join(at, 'password'),
    log: join(at, 'postgres.log'),
  };
}

/** Makes the folder, closed to other users, where it is missing. */
export function makeHome(folder: string): Home {
  const home = homeIn(folder);
  if (Buffer.byteLength(home.folder) > LONGEST_FOLDER) {
    throw new Error(
      `The path of the database folder ${home.folder} is longer than ${LONGEST_FOLDER} bytes. ` +
        'Set GUILDHALL_DATA to a folder with a shorter one.',
    );
  }
  try {
    mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(
      `The database folder ${home.folder} could not be made (${codeOf(error)}). ` +
        'Set GUILDHALL_DATA to a folder that this user may write to, or DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    );
  }
  return home;
}

/** What root makes in somebody's folder belongs to that somebody, who may run the next start. */
function giveToOwner(file: number, folder: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) fchownSync(file, uid, gid);
}

/** Makes the names in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Writes a file that only its owner can read, wholly or not at all. */
export function writePrivately(home: Home, path: string, text: string): void {
  const draft = join(home.folder, `${unfinishedPrefix}${randomBytes(6).toString('hex')}`);
  const handle = openSync(draft, 'wx', 0o600);
  try {
    giveToOwner(handle, home.folder);
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, path);
  syncFolder(home.folder);
}

/** The database password, or null where the file is missing or was cut short. */
export function readPassword(home: Home): string | null {
  if (!existsSync(home.password)) return null;
  if ((lstatSync(home.password).mode & 0o077) !== 0) chmodSync(home.password, 0o600);
  const text = readFileSync(home.password, 'utf8').trim();
  return /^[\w-]{40,}$/.test(text) ? text : null;
}

/** A new random password. Its letters need no escaping, neither in SQL nor in a URL. */
export function newPassword(): string {
  return randomBytes(32).toString('base64url');
}

/** Keeps the password in the folder. */
export function keepPassword(home: Home, password: string): void {
  writePrivately(home, home.password, `${password}\n`);
}

/** PostgreSQL's log file, which never grows without bound. */
export type LogFile = {
  fd: number;
  size(): number;
  /** What was written since the file had that size. */
  since(size: number): string;
  /** Moves the text to `postgres.log.1` when there is more than this. */
  trim(limit?: number): void;
  close(): void;
};

/** Opens the log for appending, so that server and supervisor can share and shorten it. */
export function openLog(home: Home): LogFile {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  const fd = openSync(home.log, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  giveToOwner(fd, home.folder);
  const size = () => fstatSync(fd).size;
  let open = true;
  return {
    fd,
    size,
    since(from) {
      const start = Math.max(0, Math.min(from, size()), size() - 64 * 1024);
      const buffer = Buffer.alloc(size() - start);
      const length = readSync(fd, buffer, 0, buffer.length, start);
      return buffer.toString('utf8', 0, length);
    },
    trim(limit = KEPT_LOG) {
      if (size() <= limit) return;
      copyFileSync(home.log, `${home.log}.1`);
      ftruncateSync(fd, 0);
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}
