import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { forgetPlayer } from '../../core/boards/index.ts';
import { namedPlayers } from '../../core/boards/known-players.ts';
import { askForCredits, findRequest } from '../../core/credits/index.ts';
import { findPlayer, playerOfMember } from '../../core/people/index.ts';
import { saveCommunity } from '../../platform/communities.ts';
import { isRefusal } from '../../platform/fault.ts';
import { GUILD } from '../support/database.ts';
import { newMember, startTestRules, type TestRules } from '../support/platform.ts';

const OTHER = '100000000000000002';

describe('a player who is forgotten', () => {
  let rules: TestRules;
  const member = newMember();
  let player: number;
  beforeEach(async () => {
    rules = await startTestRules();
    player = await playerOfMember(rules.database, GUILD, member);
  });
  afterEach(() => rules.drop());

  const forget = () =>
    forgetPlayer(rules, { community: GUILD, player, actor: { key: 'test' }, source: `forget-${player}` });
  const inUsers = async (community: string) => {
    const { rows } = await sql<Record<string, unknown>>`
      select full_name, email, web_id, discord_id, discord_username, discord_avatar, discord_linked_at from users
      where community_id = ${community} and id = ${player}`.execute(rules.database);
    assert.equal(rows.length, 1);
    return Object.values(rows[0] ?? {}).filter((value) => value !== null);
  };
  const isNobody = async () => {
    assert.deepEqual(await inUsers(GUILD), []);
    const name = `Player ${player}`;
    const named = await namedPlayers(rules.database, GUILD, [player]);
    assert.deepEqual([named(player).name, named(player).discord_id], [name, null]);
    const found = await findPlayer(rules.database, GUILD, player);
    assert.deepEqual(found, { id: player, name, discord_id: null, discord_username: null });
  };

  it('has neither name nor account any more, and is somebody new with the same account', async () => {
    assert.ok((await inUsers(GUILD)).includes(member.id));
    const asked = await askForCredits(rules, {
      ...{ community: GUILD, player, creditType: 'ai', amount: 5, reason: null, via: 'discord', source: 'ask' },
    });
    assert.ok(!isRefusal(asked));
    await forget();
    await isNobody();
    const { rows } = await sql`select from links`.execute(rules.database);
    assert.equal(rows.length, 0);
    const request = await findRequest(rules.database, GUILD, asked.request.id);
    assert.ok(
      request && !JSON.stringify(request).includes(member.displayName) && !JSON.stringify(request).includes(member.id),
    );
    assert.notEqual(await playerOfMember(rules.database, GUILD, member), player);
    await isNobody();
  });

  it('stays who they are in another community', async () => {
    const limits = { creditsPerRequest: 100, creditsPerDay: 100 };
    await saveCommunity(rules.database, { id: OTHER, name: 'Other', approverRoles: [], ...limits });
    assert.equal(await playerOfMember(rules.database, OTHER, member), player);
    await forget();
    await isNobody();
    assert.ok((await inUsers(OTHER)).includes(member.id));
  });
});
