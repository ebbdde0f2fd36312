import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { classify, type Failure, RULES } from '../../platform/discord/outcomes.ts';

type Kind = Failure['kind'];

/** Every code that this program may meet, by what to do about it. */
const KINDS: Record<Exclude<Kind, 'gone'>, (number | string)[]> = {
  permanent: [
    ...[10003, 10004, 10006, 10007, 10008, 10011, 10013, 10015, 10062, 30001, 40005, 40007, 40032, 50006, 50007],
    ...[50027, 50033, 50035, 50109, 50278, 200000, 340015],
  ],
  admin: [20012, 30005, 30013, 30016, 30032, 50001, 50013, 50028, 60003, 160006, 'invalid_client'],
  reauthorise: [40012, 50025, 50026, 'invalid_grant'],
  stop: [40001, 40333, 50014],
  retry: [20016, 20022, 20028, 20029, 30034, 30046, 40003, 40004, 40006, 40062, 50083, 110000, 130000],
};

const refused = (code: number | string, operation = 'sendMessage', status = 400) =>
  classify({ status, code, message: 'no' }, operation);

describe("outcomes of Discord's answers", () => {
  for (const [kind, codes] of Object.entries(KINDS)) {
    for (const code of codes) {
      it(`${code} is ${kind}`, () => {
        const outcome = refused(code);
        assert.equal(outcome.kind, kind);
        assert.equal(outcome.code, code);
        assert.equal(outcome.message, 'no');
      });
    }
  }

  it('tells an admin what to do in one or two plain sentences', () => {
    for (const [code, { kind }] of RULES) {
      if (kind !== 'admin') continue;
      for (const operation of ['sendMessage', 'addRole', 'setCommands', 'kick', 'something new']) {
        const outcome = refused(code, operation);
        assert.ok(outcome.kind === 'admin');
        assert.match(outcome.fix, /^[A-Z][^\n]{20,160}\.$/);
      }
    }
    const missing = refused(50013);
    assert.ok(missing.kind === 'admin' && missing.fix.includes('Send Messages'));
    const hierarchy = refused(50013, 'addRole');
    assert.ok(hierarchy.kind === 'admin' && hierarchy.fix.includes('drag its role above'));
    const outside = refused(50001, 'setCommands');
    assert.ok(outside.kind === 'admin' && outside.fix.startsWith('Invite the bot'));
  });

  it('takes for gone what is gone already', () => {
    const gone: [number, string][] = [
      [10007, 'kick'],
      [10007, 'removeRole'],
      [10011, 'removeRole'],
      [10008, 'deleteMessage'],
      [10003, 'deleteMessage'],
      [10015, 'deleteWebhook'],
      [40060, 'respond'],
    ];
    for (const [code, operation] of gone) assert.equal(refused(code, operation, 404).kind, 'gone');
    // A bot outside the server has removed nobody.
    assert.equal(refused(10004, 'kick', 404).kind, 'permanent');
    assert.equal(refused(10007, 'addRole', 404).kind, 'permanent');
    assert.equal(classify({ status: 404, message: 'no' }, 'kick').kind, 'permanent');
  });

  it('waits as long as Discord says', () => {
    const limited = { status: 429, code: 0, message: 'slow', retryAfter: 1234.5, global: true };
    assert.deepEqual(classify(limited, 'sendMessage'), {
      kind: 'retry',
      code: 429,
      message: 'slow',
      after: 1235,
      global: true,
    });
    const coded = classify({ ...limited, code: 20028, global: false }, 'sendMessage');
    assert.ok(coded.kind === 'retry' && coded.after === 1235 && !coded.global);
    const tomorrow = refused(30034, 'setCommands');
    assert.ok(tomorrow.kind === 'retry' && tomorrow.after === 86_400_000);
    const archived = refused(50083);
    assert.ok(archived.kind === 'retry' && archived.first === 'unarchive');
  });

  it('judges by the status where there is no known code', () => {
    const byStatus: [number, string, Kind][] = [
      [0, 'sendMessage', 'retry'],
      [500, 'sendMessage', 'retry'],
      [502, 'respond', 'retry'],
      [429, 'respond', 'retry'],
      [400, 'sendMessage', 'permanent'],
      [404, 'editMessage', 'permanent'],
      [403, 'sendMessage', 'admin'],
      [401, 'sendMessage', 'stop'],
      [401, 'followUp', 'permanent'],
      [401, 'currentUser', 'reauthorise'],
      [403, 'setRoleConnection', 'reauthorise'],
      [400, 'refreshToken', 'reauthorise'],
    ];
    for (const [status, operation, kind] of byStatus) {
      for (const code of [0, undefined, Number.NaN, 999_999]) {
        if (Number.isNaN(code ?? 0) || code === 999_999 || !code) {
          const error = { status, message: 'x', ...(code !== undefined && { code }) };
          assert.equal(classify(error, operation).kind, kind, `${status} ${code} ${operation}`);
        }
      }
    }
    assert.equal(classify({ status: 0, code: 'ECONNREFUSED', message: 'x' }, 'sendMessage').kind, 'retry');
    assert.equal(classify({ status: 401, code: 'invalid_client', message: 'x' }, 'exchangeCode').kind, 'admin');
  });

  it('always says something', () => {
    const operation = fc.oneof(fc.constantFrom('sendMessage', 'kick', 'respond', 'refreshToken'), fc.string());
    const code = fc.oneof(fc.constantFrom(...RULES.keys()), fc.integer(), fc.string());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 599 }), code, operation, (status, given, asked) => {
        const outcome = classify({ status, code: given, message: 'm' }, asked);
        assert.equal(outcome.message, 'm');
        if (outcome.kind === 'retry') assert.ok(outcome.after >= 0);
        if (outcome.kind === 'admin') assert.ok(outcome.fix.length > 0);
      }),
    );
  });

  it('needs no library', async () => {
    const source = await readFile(new URL('../../platform/discord/outcomes.ts', import.meta.url), 'utf8');
    assert.doesNotMatch(source, /^import/m);
  });
});
