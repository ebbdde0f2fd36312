import assert from 'node:assert/strict';
import { Fault, toFault } from '../../platform/fault.ts';

describe('faults', () => {
  const of = (code: string, message = '') => toFault(Object.assign(new Error(message), { code }));

  it('say that what passes by itself deserves another try', () => {
    const passing = ['08006', '40001', '40P01', '53300', '57P01', '57P05', '57014', '55P03', '25P03', '25006'];
    for (const code of [...passing, 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'EPIPE']) {
      assert.ok(of(code).retry, code);
    }
    assert.ok(of('', 'Connection terminated unexpectedly').retry);
    assert.ok(of('', 'Query read timeout').retry);
  });

  it('say that what is wrong stays wrong', () => {
    for (const code of ['23505', '23503', '22P02', '42601', 'ERR_INVALID_ARG_TYPE', 'EACCES'])
      assert.ok(!of(code).retry, code);
  });

  it('stay what they are', () => {
    const fault = new Fault('code', 'message', { retry: true });
    assert.equal(toFault(fault), fault);
  });
});
