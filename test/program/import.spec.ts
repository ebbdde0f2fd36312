import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { putPlayer, verifyBoards } from '../../core/boards/index.ts';
import { storeBoard } from '../../core/boards/store-board.ts';
import { balancesOf, verifyBalances } from '../../core/credits/index.ts';
import { inTransaction, type Tx } from '../../platform/database/index.ts';
import { Progress } from '../../program/import/progress.ts';
import { newFolder, removeFolders } from '../sandbox/kit.ts';
import { board } from '../support/boards.ts';
import { writeBalances, writePlayers, writeScores } from '../support/csv-files.ts';
import { createTestDatabase, GUILD, ROOT, someoneWaits, type TestDatabase } from '../support/database.ts';
import { Guildhall, until } from '../support/guildhall.ts';

const IMPORT = join(ROOT, 'dist', 'program', 'import.js');
/** Every table that holds something of a community. */
const TABLES = [
  'players',
  'profiles',
  'boards',
  'board_scores',
  'score_log',
  'credit_accounts',
  'credit_ledger',
  'audit_log',
  'events',
];

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

describe('the import', () => {
  let test: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    test = await createTestDatabase();
    folder = newFolder();
    await storeBoard(test.database, GUILD, board(), null);
  });
  afterEach(() => test.drop());
  after(removeFolders);

  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return name;
  };

  /** Begins an import as npm does: in a folder of its own, with names as somebody typed them elsewhere. */
  const begin = (...args: string[]): { child: ChildProcess; ended: Promise<Ended>; said: () => string } => {
    const env = {
      PATH: process.env.PATH,
      INIT_CWD: folder,
      GUILDHALL_DATA: join(folder, 'data'),
      DATABASE_URL: test.connectionString,
    };
    const child = spawn(process.execPath, [IMPORT, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
    return { child, ended, said: () => err };
  };
  const run = (...args: string[]) => begin(...args).ended;
  const runWell = async (...args: string[]) => {
    const { code, out, err } = await run(...args);
    assert.equal(code, 0, err);
    return out.trim().split('\n');
  };

  /** All that is stored, to compare with. */
  const stored = async () => {
    const contents: Record<string, string | undefined> = {};
    for (const table of TABLES) {
      const { rows } = await sql<{ all: string }>`
        select coalesce(string_agg(one::text, e'\n' order by one::text), '') as all from ${sql.table(table)} as one`.execute(
        test.database,
      );
      contents[table] = rows[0]?.all;
    }
    return contents;
  };
  const playerOf = async (id: string) => {
    const { rows } = await sql<{ player: number }>`
      select player_id as player from profiles where web_id = ${id}`.execute(test.database);
    return rows[0]?.player ?? 0;
  };
  const assertTrue = async () => {
    assert.deepEqual((await verifyBalances(test.database)).differences, []);
    assert.deepEqual((await verifyBoards(test.database)).differences, []);
  };

  const THREE = () => [
    ...[
      '--players',
      write('players.csv', 'id,name,region,company,email\nana,Ana,North,Sun,ana@example.com\nbo,Bo,,,\n'),
    ],
    ...[
      '--scores',
      write('scores.csv', 'id,player,deals_closed,response_rate\ne1,ana,2,0.25\ne2,bo,,0.5\ne3,ana,1,\n'),
    ],
    ...[
      '--balances',
      write('balances.csv', 'id,player,credit_type,amount,reason\nb1,ana,ai,50,from before\nb2,bo,lead,0,\n'),
    ],
  ];

  it('writes players, scores and balances in one go, and the same files again change nothing', async () => {
    assert.deepEqual(await runWell(...THREE()), [
      '2 players: 2 new',
      '3 score events: 3 counted',
      '2 openings: 1 added, 1 of 0 credits',
    ]);
    const ana = await playerOf('ana');
    const { rows } = await sql`
      select score, metrics from board_scores where player_id = ${ana}`.execute(test.database);
    assert.deepEqual(rows, [{ score: 300, metrics: [3, null, null, 0.25] }]);
    assert.deepEqual(await balancesOf(test.database, GUILD, ana), { ai: 50, lead: 0 });
    const before = await stored();
    assert.deepEqual(await runWell(...THREE()), [
      '2 players: 2 as they were',
      '3 score events: 3 counted before',
      '2 openings: 1 added before, 1 of 0 credits',
    ]);
    const { audit_log, ...after } = await stored();
    assert.deepEqual({ ...after, audit_log: before.audit_log }, before);
    const { rows: audit } = await sql<{ actor: object; action: string; after: object }>`
      select actor, action, subject, after from audit_log order by id limit 3`.execute(test.database);
    assert.deepEqual(audit, [
      {
        actor: { program: 'import' },
        action: 'players.imported',
        subject: 'import/players.csv',
        after: { new: 2, changed: 0, same: 0 },
      },
      {
        actor: { program: 'import' },
        action: 'scores.imported',
        subject: 'import/scores.csv',
        after: { new: 3, before: 0 },
      },
      {
        actor: { program: 'import' },
        action: 'balances.imported',
        subject: 'import/balances.csv',
        after: { new: 1, before: 0, nothing: 1 },
      },
    ]);
    assert.equal(before.events, '');
    await assertTrue();
  });

  it('only checks where it is told to', async () => {
    const before = await stored();
    assert.deepEqual(await runWell('--check', ...THREE()), [
      '2 players: 2 new',
      '3 score events: 3 to be counted',
      '2 openings: 1 to be added, 1 of 0 credits',
      'No problem was found. Nothing was written, as this was only a check.',
    ]);
    assert.deepEqual(await stored(), before);
  });

  it('brings players up to date, and leaves what the file has no column for', async () => {
    await runWell('players', write('first.csv', 'id,name,region,company\nana,Ana,North,Sun\nbo,Bo,North,\n'));
    const next = write('next.csv', 'NAME , Company,id\nAna Maria,,ana\nBo,,bo\nCy,Moon,cy\n');
    assert.deepEqual(await runWell('players', next), ['3 players: 1 new, 1 brought up to date, 1 as they were']);
    const { rows } = await sql`
      select web_id as id, full_name as name, region, company from profiles order by web_id`.execute(test.database);
    assert.deepEqual(rows, [
      { id: 'ana', name: 'Ana Maria', region: 'North', company: null },
      { id: 'bo', name: 'Bo', region: 'North', company: null },
      { id: 'cy', name: 'Cy', region: null, company: 'Moon' },
    ]);
    const { rows: log } = await sql`select kind, player_id from score_log where player_id is not null`.execute(
      test.database,
    );
    assert.deepEqual(log, [{ kind: 'player', player_id: await playerOf('ana') }]);
  });

  it('reads what spreadsheets write', async () => {
    const forms: [string, string][] = [
      ['bom.csv', '\ufeffid,name\r\n1,"Ana, ""the first"""\r\n'],
      ['semicolons.csv', 'id;name;company\r\n2;"Bo\r\nand Cy";"Sun; Moon"\r\n\r\n'],
      ['tabs.csv', 'id\tname\n3\tdi, or Diana\n'],
      ['no-end.csv', '"id","name"\n"4"," Ève 🏆 "'],
      ['one-line.csv', 'name,id\n'],
    ];
    const said = [];
    for (const [name, content] of forms) said.push(...(await runWell('players', write(name, content))));
    assert.deepEqual(said, [...Array.from({ length: 4 }, () => '1 player: 1 new'), '0 players']);
    const { rows } = await sql<{ name: string }>`select full_name as name from profiles order by web_id`.execute(
      test.database,
    );
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['Ana, "the first"', 'Bo and Cy', 'di, or Diana', 'Ève 🏆'],
    );
  });

  const BAD: [string, string, string | Buffer, string[]][] = [
    ['an empty file', 'players', '', ['bad.csv: The file is empty. Its first line names the columns.']],
    [
      'columns that are not known, come twice, have no name or are missing',
      'players',
      'id,id,phone,\n1,1,1,1\n',
      [
        'bad.csv, line 1, column id: This column comes twice.',
        'bad.csv, line 1: “phone” is not a column here; there are: id, name, region, company, email.',
        'bad.csv, line 1: Column 4 has no name.',
        'bad.csv, line 1: The header lacks name.',
      ],
    ],
    [
      'a metric that no board has',
      'scores',
      'id,player,goals\n1,ana,2\n',
      [
        'bad.csv, line 1: “goals” is not a column here; there are: id, player, campaigns_launched, deals_closed, leads_generated, response_rate.',
      ],
    ],
    [
      'players that cannot be',
      'players',
      `id,name,region,email\n,Ana,,\nplayer:17,Bo,,\n3,,${'x'.repeat(61)},nobody\n4,"D\ni",,\n5,\0,,\n`,
      [
        "bad.csv, line 2, column id: A player's id is text of 1 to 100 characters.",
        'bad.csv, line 3, column id: Ids that begin with “player:” are kept for players without a web id.',
        'bad.csv, line 4, column name: A player needs a name.',
        'bad.csv, line 4, column region: The region is longer than 60 characters.',
        'bad.csv, line 4, column email: The email is not an address.',
        'bad.csv, line 7, column name: The name must be text.',
      ],
    ],
    [
      'ids that come again, also in rows that are bad',
      'players',
      'id,name\n1,Ana\n2,Bo\n\n1,Cy\n2,\n1,Di\n',
      [
        'bad.csv, line 5, column id: “1” is in line 2 already; each id comes once.',
        'bad.csv, line 6, column name: A player needs a name.',
        'bad.csv, line 6, column id: “2” is in line 3 already; each id comes once.',
        'bad.csv, line 7, column id: “1” is in line 2 already; each id comes once.',
      ],
    ],
    [
      'a number of fields that is not the header’s',
      'players',
      'id,name\n1\n2,Bo,Sun\n3,Cy\n',
      [
        'bad.csv, line 2: This row has 1 field, and the header has 2.',
        'bad.csv, line 3: This row has 3 fields, and the header has 2.',
      ],
    ],
    [
      'quotes in the middle of a field',
      'players',
      'id,name\n1,\n2,B"o"\n3,\n',
      [
        'bad.csv, line 2, column name: A player needs a name.',
        'bad.csv, line 3, column name: There is a quote in a field that does not begin with one. Put the whole field in quotes, and double those in it. What comes behind it was not read.',
      ],
    ],
    [
      'text behind a closing quote',
      'players',
      'id,name\n1,"A\nna"\n2,"Bo" the first\n',
      [
        'bad.csv, line 4, column name: Something follows the quote that ends a field. Double the quotes inside a field. What comes behind it was not read.',
      ],
    ],
    [
      'a quote that is never closed',
      'players',
      'id,name\n1,Ana\n2,"Bo\n3,Cy\n',
      ['bad.csv, line 3, column name: A quote is opened here that is never closed. What comes behind it was not read.'],
    ],
    [
      'a quote that is not closed for long',
      'players',
      `id,name\n1,Ana\n2,"Bo\n${'3,Cy\n'.repeat(100_000)}`,
      [
        'bad.csv, line 3, column name: This row is longer than 64 kB. Perhaps a quote is opened here that is never closed. What comes behind it was not read.',
      ],
    ],
    [
      'Latin-1',
      'players',
      Buffer.from('id,name\n1,Ana\n2,Ren\u00e9\n3,Zo\u00eb\n', 'latin1'),
      [
        'bad.csv, line 3, column name: “Ren\ufffd” has characters that are not UTF-8. Save the file as “CSV UTF-8”.',
        'bad.csv, line 4, column name: “Zo\ufffd” has characters that are not UTF-8. Save the file as “CSV UTF-8”.',
      ],
    ],
    [
      'UTF-16',
      'players',
      Buffer.from('\ufeffid,name\n1,Ana\n', 'utf16le'),
      ['bad.csv: This is UTF-16. Save it as “CSV UTF-8”.'],
    ],
    [
      'lines that end with CR alone',
      'players',
      'id,name\r1,Ana\r',
      ['bad.csv, line 1: The lines end with a carriage return alone. Save the file with LF or CR LF.'],
    ],
    [
      'scores that cannot count',
      'scores',
      'id,player,deals_closed\n1,nobody,1\n2,ana,two\n3,ana,\n4,ana,1e3\n5,,99999999999999\n,ana,1\n7,player:999,1\n8,ana,"1,5"\n',
      [
        'bad.csv, line 2, column player: There is no player “nobody”.',
        'bad.csv, line 3, column deals_closed: Deals_closed must be a number.',
        'bad.csv, line 4: It has no metric, such as "deals_closed": 1.',
        'bad.csv, line 5, column deals_closed: Deals_closed must be a number.',
        'bad.csv, line 6, column player: It has no player.',
        'bad.csv, line 6, column deals_closed: Deals_closed must lie between -99999999999 and 99999999999.',
        'bad.csv, line 7, column id: It has no id.',
        'bad.csv, line 8, column player: There is no player “player:999”.',
        'bad.csv, line 9, column deals_closed: Deals_closed must be a number.',
      ],
    ],
    [
      'balances that cannot be entered',
      'balances',
      `id,player,credit_type,amount,reason\n1,nobody,ai,1,\n2,ana,gold,1,\n3,ana,AI,-1,\n4,ana,lead,1.5,${'x'.repeat(501)}\n5,ana,ai,,\n`,
      [
        'bad.csv, line 2, column player: There is no player “nobody”.',
        'bad.csv, line 3, column credit_type: There are ai and lead credits.',
        'bad.csv, line 4, column amount: The amount must be a whole number from 0 to 1000000000.',
        'bad.csv, line 5, column amount: The amount must be a whole number from 0 to 1000000000.',
        'bad.csv, line 5, column reason: The reason is longer than 500 characters.',
        'bad.csv, line 6, column amount: The amount must be a whole number from 0 to 1000000000.',
      ],
    ],
    [
      'control characters, which a terminal would obey',
      'scores',
      'id,player,deals_closed\n1,"\u001b[2J\u202e\r\nana",1\n',
      ['bad.csv, line 2, column player: There is no player “ [2J ana”.'],
    ],
  ];
  for (const [what, kind, content, expected] of BAD) {
    it(`refuses ${what}, and writes nothing`, async () => {
      await putPlayer(test, GUILD, 'ana', { name: 'Ana' });
      const before = await stored();
      const { code, out, err } = await run(kind, write('bad.csv', content));
      const shown = err.split('\n').filter((line) => line.startsWith('bad.csv'));
      assert.deepEqual(shown, expected, err);
      const problems = expected.length === 1 ? '1 problem' : `${expected.length} problems`;
      assert.ok(err.endsWith(`\n${problems}. Nothing was written.\n`), err);
      assert.deepEqual([code, out], [1, '']);
      assert.deepEqual(await stored(), before);
    });
  }

  it('shows a hundred problems of all files and counts the rest', async () => {
    const players = write('players.csv', `id,name\n${'1,Ana\n'.repeat(80)}`);
    const scores = write('scores.csv', `id,player,deals_closed\n${'1,nobody,1\n'.repeat(150)}`);
    const { err } = await run('--scores', scores, '--players', players);
    const lines = err.split('\n').filter((line) => / line \d/.test(line));
    assert.equal(lines.length, 100);
    assert.equal(lines[0], 'players.csv, line 3, column id: “1” is in line 2 already; each id comes once.');
    assert.equal(lines[79], 'scores.csv, line 2, column player: There is no player “nobody”.');
    assert.ok(err.endsWith('\n… and 278 more.\n378 problems. Nothing was written.\n'), err);
  });

  it('blames no row for a player whose own row is bad', async () => {
    const players = write('players.csv', 'id,name,email\nana,Ana,nobody\n');
    const { err } = await run(
      '--players',
      players,
      '--scores',
      write('scores.csv', 'id,player,deals_closed\n1,ana,1\n'),
    );
    assert.ok(err.endsWith('column email: The email is not an address.\n1 problem. Nothing was written.\n'), err);
  });

  it('refuses an opening whose id stands for something else', async () => {
    await runWell(...THREE());
    const other = write('other.csv', 'id,player,credit_type,amount\nb1,bo,ai,50\n');
    const { err } = await run('balances', other);
    const ana = await playerOf('ana');
    assert.match(
      err,
      new RegExp(`^other.csv, line 2, column id: It was entered before, as 50 AI credits of player:${ana}\\.$`, 'm'),
    );
  });

  it('asks which community is meant where there are several', async () => {
    await sql`insert into communities (id, name) values ('100000000000000002', 'Other')`.execute(test.database);
    const file = write('players.csv', 'id,name\nana,Ana\n');
    const { code, err } = await run('players', file);
    assert.equal(code, 2);
    assert.match(err, /^Which community is it for\? There are:\n {2}--community 100000000000000001 {3}Test\n/);
    assert.deepEqual(await runWell('players', file, '--community', '100000000000000002'), ['1 player: 1 new']);
  });

  it('says how it is used', async () => {
    const players = write('players.csv', 'id,name\n');
    const uses: [string[], number, RegExp][] = [
      [[], 2, /^npm run import -- players\|scores\|balances/],
      [['--help'], 0, /^npm run import -- players\|scores\|balances/],
      [['gold', players], 2, /^npm run import -- players/],
      [['players'], 2, /^npm run import -- players/],
      [['--gold'], 2, /^Unknown option '--gold'/],
      [['players', players, '--players', players], 2, /^Name one file of players\.$/m],
      [['players', 'nothing.csv'], 2, /^nothing\.csv cannot be read: ENOENT/],
      [['players', '.'], 2, /^\. is not a file\.$/m],
    ];
    for (const [args, expected, pattern] of uses) {
      const { code, out, err } = await run(...args);
      assert.equal(code, expected, err);
      assert.match(out + err, pattern);
    }
  });

  describe('in the middle', () => {
    const MANY = 10_000;
    /** Files that change a player who is there, and make many that are not. */
    const files = () => {
      writePlayers(join(folder, 'players.csv'), MANY);
      writeScores(join(folder, 'scores.csv'), MANY, MANY);
      writeBalances(join(folder, 'balances.csv'), MANY, MANY);
      return ['--players', 'players.csv', '--scores', 'scores.csv', '--balances', 'balances.csv'];
    };
    /** Keeps a player of the files locked until `work` is done: the import waits for them. */
    const whileItWaits = async (args: string[], work: (running: ReturnType<typeof begin>, tx: Tx) => Promise<void>) => {
      const player = await playerOf('user-7');
      return inTransaction(test.database, async (tx) => {
        await sql`select from profiles where player_id = ${player} for update`.execute(tx);
        const running = begin(...args);
        await until('the import to wait', () => someoneWaits(tx), 60_000);
        await work(running, tx);
        return { ended: running.ended };
      });
    };
    beforeEach(() => putPlayer(test, GUILD, 'user-7', { name: 'Seven' }));

    it('leaves nothing where it is killed, and does all of it the next time', async () => {
      const before = await stored();
      await whileItWaits(files(), async ({ child, said }) => {
        assert.match(said(), /^Adding players: 9,999 rows in/m);
        child.kill('SIGKILL');
      });
      await until('its transaction to end', async () => !(await someoneWaits(test.database)));
      assert.deepEqual(await stored(), before);
      assert.deepEqual(await runWell(...files()), [
        '10,000 players: 9,999 new, 1 brought up to date',
        '10,000 score events: 10,000 counted',
        '10,000 openings: 9,980 added, 20 of 0 credits',
      ]);
      await assertTrue();
      const { rows } = await sql`
        select slots, (select count(*) from board_scores where slot < slots and slot >= 0) as given from boards`.execute(
        test.database,
      );
      assert.deepEqual(rows, [{ slots: MANY, given: MANY }]);
    });

    it('leaves nothing where it is broken off', async () => {
      const before = await stored();
      const { ended } = await whileItWaits(files(), async ({ child }) => {
        child.kill('SIGINT');
      });
      const { code, err } = await ended;
      assert.equal(code, 130);
      assert.match(err, /^Broken off\. Nothing was written\.$/m);
      assert.deepEqual(await stored(), before);
    });

    it('leaves nothing where a rule refuses what was good when it was checked', async () => {
      await runWell('players', write('three.csv', 'id,name\nuser-1,One\nuser-2,Two\nuser-3,Three\n'));
      const rows = ['1,user-1', '2,user-7', '3,user-2'].map((row) => `${row},1\n`).join('');
      const scores = write('scores.csv', `id,player,deals_closed\n${rows}`);
      const { profiles: __, ...before } = await stored();
      const { ended } = await whileItWaits(['scores', scores], async (_running, tx) => {
        await sql`update profiles set web_id = null, forgotten_at = now() where web_id = 'user-7'`.execute(tx);
      });
      const { code, err } = await ended;
      assert.equal(code, 1);
      assert.match(err, /^scores\.csv, line 3: There is no player "user-7"\.\n1 problem\. Nothing was written\.$/m);
      const { profiles: _, ...after } = await stored();
      assert.deepEqual(after, before);
    });

    it('refuses another import into the same community', async () => {
      const { ended } = await whileItWaits(files(), async () => {
        const { code, err } = await run('players', write('one.csv', 'id,name\nuser-7,Sept\n'));
        assert.equal(code, 2);
        assert.match(err, /^Another import into this community is under way\. Begin again when it is done\.$/m);
      });
      assert.equal((await ended).code, 0);
    });
  });

  describe('beside the running program', () => {
    let hall: Guildhall;
    before(async function () {
      this.timeout(90_000);
      hall = await Guildhall.start();
    });
    after(() => hall.remove());

    const entries = async (asking = '') => {
      const response = await fetch(`${hall.base}/api/leaderboard?${asking}`);
      assert.equal(response.status, 200);
      const { entries: shown } = (await response.json()) as {
        entries: { rank: number; score: number; player: { id: string; region: string } }[];
      };
      return shown.map(({ rank, score, player }) => [rank, player.id, score, player.region]);
    };
    const runBeside = (...args: string[]) => {
      const { status, output } = hall.run('import.js', ...args);
      assert.equal(status, 0, output);
      return output;
    };
    const here = (name: string, content: string) => join(folder, write(name, content));

    it('shows on its boards what was imported', async () => {
      const players = here('players.csv', 'id,name,region\nana,Ana,North\nbo,Bo,South\ncy,Cy,South\n');
      const scores = here(
        'scores.csv',
        'id,player,deals_closed,leads_generated\n1,bo,2,\n2,ana,1,3\n3,cy,1,3\n4,ana,,7\n',
      );
      const output = runBeside('--players', players, '--scores', scores);
      assert.match(output, /^3 players: 3 new\n4 score events: 4 counted$/m);
      const expected = [
        [1, 'bo', 200, 'South'],
        [1, 'ana', 200, 'North'],
        [3, 'cy', 130, 'South'],
      ];
      await until('the board', async () => (await entries()).length === 3);
      assert.deepEqual(await entries(), expected);
      runBeside('players', here('moved.csv', 'id,name,region\nbo,Bo,North\n'));
      await until('the other region', async () => (await entries('region=North')).length === 2);
      assert.deepEqual(await entries('region=South'), [[1, 'cy', 130, 'South']]);
      assert.equal(hall.run('verify.js').status, 0);
    });
  });

  it('says on a terminal in one line how far it is', () => {
    let shown = '';
    const progress = new Progress({ isTTY: true, columns: 60, write: (text) => (shown += text) });
    progress.begin('Counting scores');
    progress.reached(500, 0.5);
    progress.end();
    const [first, ...lines] = shown.split('\r\u001b[K').slice(1);
    assert.equal(first, 'Counting scores …');
    assert.match(shown, /Counting scores: 500 rows in \d+\.\d s\n$/);
    assert.ok(lines.slice(0, -1).every((line) => !line.includes('\n')));
  });
});
