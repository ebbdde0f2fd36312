import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { createKey, listKeys, proveKey, revokeKey } from '../../platform/api-keys.ts';
import { saveCommunity } from '../../platform/communities.ts';
import { Fault } from '../../platform/fault.ts';
import { createTestDatabase, GUILD, type TestDatabase } from '../support/database.ts';
import { until } from '../support/guildhall.ts';

describe('API keys', () => {
  let test: TestDatabase;
  before(async () => {
    test = await createTestDatabase();
  });
  afterEach(() => sql`truncate api_keys`.execute(test.database));
  after(() => test.drop());

  const make = (name: string, more: Partial<Parameters<typeof createKey>[1]> = {}) =>
    createKey(test.database, { name, scopes: ['players:write'], ...more });
  const prove = async (given: string) => {
    const proof = await proveKey(test.database, given);
    return 'problem' in proof ? proof.problem : proof.key;
  };

  it('are kept as a digest of their 256 random bits, and open what they are for', async () => {
    const key = await make('shop', { scopes: ['players:write', 'scores:write', 'players:write'] });
    const [, prefix = '', secret = ''] = /^gh_([0-9a-f]{8})_([\w-]{43})$/.exec(key) ?? [];
    const { rows } = await sql<{ hash: Buffer; row: string }>`select hash, api_keys::text as row from api_keys`.execute(
      test.database,
    );
    const bytes = Buffer.from(secret, 'base64url');
    assert.equal(bytes.length, 32);
    assert.deepEqual(rows[0]?.hash, createHash('sha256').update(bytes).digest());
    for (const form of [secret, bytes.toString('hex')]) assert.ok(!rows[0]?.row.includes(form));
    const proven = await prove(key);
    assert.ok(typeof proven === 'object');
    const { id, ...rest } = proven;
    assert.ok(id > 0);
    assert.deepEqual(rest, { community: GUILD, name: 'shop', scopes: ['players:write', 'scores:write'] });
    const [listed] = await listKeys(test.database);
    assert.deepEqual([listed?.prefix, listed?.state, listed?.expiresAt], [prefix, 'valid', null]);
    assert.ok(!JSON.stringify(listed).includes(secret));
  });

  it('are refused where anything of them differs', async () => {
    const key = await make('shop');
    const other = await make('till');
    const swapped = key.slice(0, 12) + other.slice(12);
    const wrong = `${key.slice(0, -2)}${key.at(-2) === 'A' ? 'B' : 'A'}${key.at(-1)}`;
    const forms = [
      swapped,
      wrong,
      '',
      'gh_',
      key.slice(0, -1),
      `${key}A`,
      ` ${key}`,
      key.replace('gh_', 'GH_'),
      '__proto__',
    ];
    for (const given of forms) assert.equal(await prove(given), 'unknown', given);
  });

  it('stop with their revocation and with their last day, and only their owner hears why', async () => {
    const [revoked, expired] = [await make('revoked'), await make('expired', { days: 1 })];
    assert.ok(typeof (await prove(expired)) === 'object');
    assert.equal((await revokeKey(test.database, 'revoked')).name, 'revoked');
    await sql`update api_keys set expires_at = now() where name = 'expired'`.execute(test.database);
    assert.deepEqual([await prove(revoked), await prove(expired)], ['revoked', 'expired']);
    const guessed = `${revoked.slice(0, 12)}${'A'.repeat(43)}`;
    assert.equal(await prove(guessed), 'unknown');
    assert.deepEqual(
      (await listKeys(test.database)).map(({ name, state }) => [name, state]),
      [
        ['expired', 'expired'],
        ['revoked', 'revoked'],
      ],
    );
  });

  it('are good for the days that were asked for', async () => {
    await make('a week', { days: 7 });
    const { rows } = await sql`select expires_at - created_at = interval '7 days' as right from api_keys`.execute(
      test.database,
    );
    assert.deepEqual(rows, [{ right: true }]);
  });

  it('note their use once a minute', async () => {
    const key = await make('shop');
    const used = async () => (await listKeys(test.database))[0]?.lastUsedAt;
    assert.equal(await used(), null);
    await prove(key);
    const first = await until('the note', used);
    await sql`update api_keys set last_used_at = last_used_at - interval '59 seconds'`.execute(test.database);
    await Promise.all(Array.from({ length: 20 }, () => prove(key)));
    assert.ok(Number(await used()) < Number(first));
    await sql`update api_keys set last_used_at = last_used_at - interval '2 seconds'`.execute(test.database);
    await prove(key);
    await until('the next note', async () => Number(await used()) >= Number(first));
  });

  it('are revoked by name, by prefix or by themselves; the name is then free', async () => {
    for (const named of [(key: string) => key.slice(3, 11), (key: string) => key, () => 'shop']) {
      const key = await make('shop');
      await revokeKey(test.database, named(key));
      assert.equal(await prove(key), 'revoked');
    }
  });

  it('say what is wrong with a wish', async () => {
    await make('shop');
    const wishes: [() => Promise<unknown>, string, RegExp][] = [
      [() => make('shop'), 'key-name-taken', /“shop” already/],
      [() => make(''), 'key-name-unfit', /1 to 60/],
      [() => make('-x'), 'key-name-unfit', /1 to 60/],
      [
        () => make('a', { scopes: ['credits:decide'] }),
        'scope-unknown',
        /no scope credits:decide[\s\S]*players:write.*\n.*scores:write/,
      ],
      [() => make('b', { scopes: ['toString'] }), 'scope-unknown', /no scope toString/],
      [() => make('c', { scopes: [] }), 'scope-unknown', /needs a scope/],
      [() => make('d', { community: '1' }), 'community-unknown', new RegExp(`no community 1\\.[\\s\\S]*${GUILD}`)],
      [() => revokeKey(test.database, 'nobody'), 'key-unknown', /No key/],
    ];
    for (const [wish, code, sentence] of wishes) {
      await assert.rejects(wish(), (error: unknown) => {
        assert.ok(error instanceof Fault);
        assert.equal(error.code, code);
        assert.match(error.message, sentence);
        return true;
      });
    }
  });

  it('belong to one community, which has to be named where there are several', async () => {
    const second = '100000000000000002';
    const other = { id: second, name: 'Other', approverRoles: [], creditsPerRequest: 1, creditsPerDay: 1 };
    await saveCommunity(test.database, other);
    try {
      await assert.rejects(make('shop'), /Which community[\s\S]*--community 100000000000000001[\s\S]*Other/);
      const [one, two] = [await make('shop', { community: GUILD }), await make('shop', { community: second })];
      await assert.rejects(revokeKey(test.database, 'shop'), /Several keys are called “shop”/);
      await revokeKey(test.database, two.slice(3, 11));
      assert.ok(typeof (await prove(one)) === 'object');
    } finally {
      await sql`truncate api_keys`.execute(test.database);
      await sql`delete from communities where id = ${second}`.execute(test.database);
    }
  });
});
