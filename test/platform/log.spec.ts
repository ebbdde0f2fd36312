import assert from 'node:assert/strict';
import { limitBursts } from '../../platform/log.ts';

describe('a burst of complaints', () => {
  it('is written once at first and once with its count, by what it is about', async () => {
    const written: string[] = [];
    let last = () => {};
    const counted = new Promise<void>((resolve) => {
      last = resolve;
    });
    const report = limitBursts((message, count) => {
      written.push(`${count} ${message}`);
      if (count > 1) last();
    }, 20);
    for (const typed of ['a', 'ab', 'abc']) report(`nothing like ${typed}`, '/find');
    report('away');
    report('gone');
    assert.deepEqual(written, ['1 nothing like a', '1 away', '1 gone']);
    const alive = setInterval(() => {}, 1000);
    await counted;
    clearInterval(alive);
    assert.deepEqual(written.slice(3), ['2 nothing like a']);
  });
});
