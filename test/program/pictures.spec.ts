import assert from 'node:assert/strict';
import { Guildhall, until } from '../support/guildhall.ts';
import { imageOf } from '../support/images.ts';

describe('the pictures of the shipped flows', () => {
  let hall: Guildhall;
  before(async function () {
    this.timeout(60_000);
    hall = await Guildhall.start();
    await until('the boards', async () => (await fetch(`${hall.base}/api/leaderboard`)).ok);
  });
  after(() => hall?.remove());

  /** The picture of an answer, once there is one. */
  const pictured = (command: string) =>
    until(`a picture after ${command}`, async () => {
      const [message] = (await hall.command('ana', command)).messages;
      const [attached] = message?.attachments ?? [];
      return attached && message && { message, attached };
    });
  const sizeOf = async (url: string) => {
    const { format, width, height } = await imageOf(Buffer.from(await (await fetch(url)).arrayBuffer())).metadata();
    return [format, width, height];
  };

  it('come with a profile and with stats as soon as there is something to draw', async () => {
    const [before] = (await hall.command('ana', '/profile')).messages;
    assert.deepEqual(before?.attachments, [], 'nobody has scored');
    assert.equal(before?.embeds[0]?.fields?.find(({ name }) => name === 'Rank')?.value, 'none yet');

    const { members } = await hall.state();
    const ana = members.find(({ username }) => username === 'ana')?.id;
    for (const value of [3, 5]) {
      const correction = `/score correct player:"<@${ana}>" metric:deals_closed value:${value} reason:"closed"`;
      assert.match((await hall.command('bo', correction)).messages[0]?.content ?? '', /Correction #\d/);
    }

    const card = await pictured('/profile');
    assert.deepEqual(await sizeOf(card.attached.url), ['png', 900, 260]);
    assert.match(
      card.attached.description ?? '',
      /is #1 of 1 on All time, .*tier Champion, with a score of 500; Deals closed 5/,
    );
    assert.match(card.message.embeds[0]?.description ?? '', /deals closed: \*\*5\*\*/);

    const history = await pictured('/stats');
    assert.deepEqual(await sizeOf(history.attached.url), ['png', 800, 300]);
    assert.match(history.attached.description ?? '', /All time: score .* 500/);
  });
});
