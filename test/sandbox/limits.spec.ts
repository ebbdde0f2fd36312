import assert from 'node:assert/strict';
import { LIMIT, RateLimits } from '../../sandbox/api/limits.ts';
import { Bench, ForwardClock } from './kit.ts';

describe('sandbox: rate limits', () => {
  it('counts five messages in five seconds for each channel', () => {
    const clock = new ForwardClock();
    const limits = new RateLimits(clock, 1, true);
    const take = (channel: string) => limits.take(LIMIT.messageCreate, channel, true);
    const remaining = [1, 2, 3, 4, 5].map(() => take('a').headers['x-ratelimit-remaining']);
    assert.deepEqual(remaining, ['4', '3', '2', '1', '0']);
    const refused = take('a').refused;
    assert.ok(refused !== undefined && refused.retryAfter > 4 && refused.retryAfter <= 5 && !refused.global);
    assert.equal(take('b').refused, undefined);
    clock.forward(5001);
    assert.equal(take('a').refused, undefined);
  });

  it('counts fifty requests a second over all buckets, interactions aside', () => {
    const limits = new RateLimits(new ForwardClock(), 0.01, true);
    for (let index = 0; index < 50; index++) {
      assert.equal(limits.take(LIMIT.default, `${index}`, true).refused, undefined);
    }
    const refused = limits.take(LIMIT.default, 'x', true);
    assert.equal(refused.refused?.global, true);
    assert.equal(refused.headers['x-ratelimit-global'], 'true');
    assert.equal(limits.take(LIMIT.webhook, 'x', false).refused, undefined);
  });

  it('runs faster with the speed', () => {
    const clock = new ForwardClock();
    const limits = new RateLimits(clock, 100, true);
    const take = () => limits.take(LIMIT.messageCreate, 'a', false).refused;
    for (let index = 0; index < 5; index++) take();
    clock.forward(51);
    assert.equal(take(), undefined);
  });

  it('answers 429, and discord.js waits for its turn', async () => {
    const bench = await Bench.start({ limits: true, speed: 20 });
    const client = await bench.login();
    const channel = await client.channels.fetch(await bench.channelId('general'));
    assert.ok(channel?.isSendable());
    await Promise.all(Array.from({ length: 7 }, (_, index) => channel.send(`${index}`)));
    assert.equal((await bench.state()).channels[0]?.messages.length, 7);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => bench.rest('POST', `/channels/${channel.id}/messages`, { content: 'x' })),
    );
    const limited = answers.find(({ status }) => status === 429);
    assert.equal(limited?.headers.get('x-ratelimit-scope'), 'user');
    assert.equal(limited?.headers.get('x-ratelimit-limit'), '5');
    assert.equal(typeof limited?.body.retry_after, 'number');
    await bench.stop();
  });
});
