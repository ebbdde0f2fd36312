import { sql } from 'kysely';
import type { Database } from './database/index.ts';
import { GUILD_DISPATCHES } from './discord/guild-events.ts';
import type { Discord } from './discord/index.ts';
import type { Gate } from './gate.ts';
import { createGuildMembers, type KnownMember, type MemberState, sameRoles } from './guild-members.ts';
import type { Intakes, InteractionFile, InteractionUser } from './intakes.ts';
import { type Log, limitBursts } from './log.ts';
import type { Needs } from './needs.ts';
import type { Traces } from './traces.ts';

/** The kinds of what happens in a guild that flows can take. */
export const GUILD_EVENT_KINDS = [
  'member joined',
  'member left',
  'roles changed',
  'message',
  'reaction added',
] as const;
export type GuildEventKind = (typeof GUILD_EVENT_KINDS)[number];

/** Something that happened in a guild, as Discord's gateway tells it. */
export interface GuildEvent {
  kind: GuildEventKind;
  community: string;
  /** The same for the same thing, however often it is told. */
  key: string;
  user: InteractionUser;
  /** The member's role ids; of one who left those that they had. */
  roles: string[];
  joinedAt: string | null;
  /** Role ids, where roles changed. */
  added: string[];
  removed: string[];
  channel: string | null;
  /** The message that was written, or reacted to; of that one only the id is known. */
  message: { id: string; content: string; at: number | null; attachments: InteractionFile[] } | null;
  emoji: { id: string | null; name: string } | null;
}

export interface GuildEvents {
  /** The flows run: from now on it is known which communities and members have to be followed. */
  flowsStarted(): void;
  /** Forgets which messages and reactions were seen, after a day. */
  clean(): Promise<void>;
  stop(): void;
}

interface Parts {
  database: Database;
  discord: Discord;
  gate: Gate;
  intakes: Intakes;
  needs: Needs;
  traces: Traces;
  log: Log;
}

/** What waits for flows, or is at work in them; more than this is let go. */
const MOST_AT_ONCE = 1000;
/** A deploy may cut a flow off; the event is then taken up again. */
const MOST_ATTEMPTS = 3;
/** Members of larger guilds are known once something of them is heard. */
const MOST_MEMBERS = 10_000;
/** More changes than these while the bot was away are taken as seen: nobody wants a hundred greetings at once. */
const MOST_MISSED = 100;
/** Who joined longer ago is greeted no more. */
const NEWCOMER_MILLISECONDS = 24 * 3600_000;
const AGAIN_MILLISECONDS = 30_000;

/** Brings what Discord's gateway tells of guilds into flows, each thing once: at most once, as the gateway tells it. */
export function createGuildEvents(parts: Parts): GuildEvents {
  const { database, discord, gate, intakes, needs, log } = parts;
  const members = createGuildMembers(database);
  const report = limitBursts((message, count) => log.warn({ count }, `guild events: ${message}`));
  /** Guilds whose members are all known, in this session of the gateway. */
  const complete = new Set<string>();
  /** Members of whom something is told while a list of members is read, a set for each such list: they are newer. */
  const toldMeanwhile = new Set<Set<string>>();
  let turn: Promise<unknown> = Promise.resolve();
  let underWay = 0;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  /** What is told of members is stored in the order in which it is told. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = turn.then(act);
    turn = next.catch(() => {});
    return next;
  };

  /** Says what it is, once: null where it was told before, or is nothing new. */
  const recognise = (event: GuildEvent): Promise<GuildEvent | null> => {
    const recogniser = RECOGNISERS[event.kind];
    if (!recogniser) return claim(event);
    return inTurn(() => {
      for (const told of toldMeanwhile) told.add(memberKey(event.community, event.user.id));
      return recogniser(event);
    });
  };
  const claim = async (event: GuildEvent): Promise<GuildEvent | null> => {
    const row = await database
      .insertInto('guild_events')
      .values({ community_id: event.community, key: event.key })
      .onConflict((conflict) => conflict.doNothing())
      .returning('received_at')
      .executeTakeFirst();
    return row ? { ...event, key: `${event.key}/${row.received_at.getTime()}` } : null;
  };
  const RECOGNISERS: Partial<Record<GuildEventKind, (event: GuildEvent) => Promise<GuildEvent | null>>> = {
    'member joined': async (event) => ((await members.joined(event.community, stateOf(event))) ? event : null),
    'member left': async (event) => {
      const known = await members.left(event.community, event.user.id);
      if (known) return leftOf(event, known);
      // Where everybody is known, somebody unknown has been told before.
      return complete.has(event.community) ? null : claim({ ...event, key: `${event.key}/${minute()}` });
    },
    'roles changed': async (event) => {
      const before = await members.changed(event.community, stateOf(event));
      return before && changeOf(event, before);
    },
  };

  const deliver = async (event: GuildEvent): Promise<void> => {
    const { key, kind, community, user } = event;
    parts.traces.begin(key, { kind: 'event', community, name: kind, about: '', options: [], member: user.displayName });
    try {
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
        await gate.pass();
        const takers = await accepting(intakes, event);
        const ends = await Promise.all(takers.map((intake) => intake.take(event)));
        for (const { fault } of ends) {
          if (fault) log.error({ event: key, code: fault.code }, `flow failed: ${fault.message}`);
        }
        if (!ends.some(({ cutOff }) => cutOff)) return;
      }
    } finally {
      parts.traces.end(key);
    }
  };

  const handle = async (event: GuildEvent): Promise<void> => {
    if (event.user.id === discord.bot()?.id) return;
    await gate.pass();
    if (stopped || !intakes.communities().includes(event.community)) return;
    const isFollowed = OF_MEMBERS.has(event.kind) && needs.intents().includes('GuildMembers');
    const isTaken = async () => (await accepting(intakes, event)).length > 0;
    if (!isFollowed && !(await isTaken())) return;
    const recognised = await recognise(event);
    if (recognised && (await isTaken())) await deliver(recognised);
  };

  const take = (event: GuildEvent): void => {
    if (underWay >= MOST_AT_ONCE) {
      report('too many at once: some are let go');
      return;
    }
    underWay += 1;
    void handle(event)
      .catch((error: Error) => report(error.message))
      .finally(() => {
        underWay -= 1;
      });
  };

  for (const [name, read] of Object.entries(GUILD_DISPATCHES)) {
    discord.onDispatch(name, (data) => {
      const event = read(data as never);
      if (event) take(event);
    });
  }

  /** Compares who is there with who was known, and tells what happened meanwhile. */
  const catchUp = async (community: string): Promise<void> => {
    const told = new Set<string>();
    toldMeanwhile.add(told);
    try {
      await compare(community, told);
    } finally {
      toldMeanwhile.delete(told);
    }
  };
  const compare = async (community: string, told: ReadonlySet<string>): Promise<void> => {
    const outcome = await discord.allMembers(community, MOST_MEMBERS);
    if (outcome.kind !== 'done') throw new Error(`the members of ${community} cannot be read: ${outcome.message}`);
    const found = outcome.value;
    if (!found) return;
    const missed = await inTurn(async () => {
      const known = await members.all(community);
      if (known.size === 0) {
        await members.fill(community, found);
        return [];
      }
      const events: GuildEvent[] = [];
      const here = new Set(found.map(({ id }) => id));
      const isOlder = (id: string) => told.has(memberKey(community, id));
      for (const member of found) {
        if (isOlder(member.id)) continue;
        const before = known.get(member.id);
        if (before?.joinedAt !== member.joinedAt) {
          const isNew = await members.joined(community, member);
          if (isNew && Date.now() - Date.parse(member.joinedAt) < NEWCOMER_MILLISECONDS) {
            events.push({ ...eventOf(community, member, 'member joined'), key: joinedKey(member) });
          }
        } else if (!sameRoles(before.roles, member.roles)) {
          const change = await members.changed(community, member);
          if (change) events.push(changeOf(eventOf(community, member, 'roles changed'), change));
        }
      }
      for (const { id } of known.values()) {
        const before = here.has(id) || isOlder(id) ? null : await members.left(community, id);
        if (before)
          events.push(leftOf(eventOf(community, { ...before, user: unknownUser(id) }, 'member left'), before));
      }
      return events;
    });
    complete.add(community);
    if (missed.length > MOST_MISSED) {
      log.warn(
        `${missed.length} changes of members in ${community} happened while the bot was away; flows get none of them`,
      );
      return;
    }
    for (const event of missed) void deliver(event).catch((error: Error) => report(error.message));
  };

  const catchUpAll = async (): Promise<void> => {
    clearTimeout(retry);
    if (stopped || !gate.isOpen) return;
    const communities = intakes.communities();
    if (!needs.intents().includes('GuildMembers')) {
      complete.clear();
      return members.forget(communities);
    }
    if (discord.missingIntents().includes('GuildMembers')) return;
    for (const community of communities) if (!complete.has(community)) await catchUp(community);
  };
  const catchUpSoon = (): void => {
    void catchUpAll().catch((error: Error) => {
      report(error.message);
      retry = setTimeout(catchUpSoon, AGAIN_MILLISECONDS).unref();
    });
  };
  // A session that is not resumed has missed something.
  discord.onDispatch('READY', () => {
    complete.clear();
    catchUpSoon();
  });

  return {
    flowsStarted: catchUpSoon,
    clean: async () => {
      await database
        .deleteFrom('guild_events')
        .where('received_at', '<', sql<Date>`now() - interval '1 day'`)
        .execute();
    },
    stop: () => {
      stopped = true;
      clearTimeout(retry);
    },
  };
}

const OF_MEMBERS: ReadonlySet<GuildEventKind> = new Set(['member joined', 'member left', 'roles changed']);

async function accepting(intakes: Intakes, event: GuildEvent) {
  const takers = intakes.guildEvents(event.community, event.kind);
  const accepted = await Promise.all(takers.map((intake) => intake.accepts(event)));
  return takers.filter((_, index) => accepted[index]);
}

const memberKey = (community: string, id: string): string => `${community}/${id}`;

const minute = (): number => Math.floor(Date.now() / 60_000);

const stateOf = ({ user, roles, joinedAt }: GuildEvent): MemberState => ({
  id: user.id,
  roles,
  joinedAt: joinedAt ?? '',
});

const joinedKey = ({ id, joinedAt }: MemberState): string => `joined/${id}/${joinedAt}`;

const leftOf = (event: GuildEvent, { id, roles, joinedAt }: KnownMember): GuildEvent => ({
  ...event,
  roles,
  joinedAt,
  key: `left/${id}/${joinedAt}`,
});

const changeOf = (event: GuildEvent, before: KnownMember): GuildEvent => ({
  ...event,
  added: event.roles.filter((role) => !before.roles.includes(role)),
  removed: before.roles.filter((role) => !event.roles.includes(role)),
  key: `roles/${before.id}/${before.joinedAt}/${before.version}`,
});

function eventOf(
  community: string,
  { user, roles, joinedAt }: MemberState & { user: InteractionUser },
  kind: GuildEventKind,
): GuildEvent {
  const nothing = { added: [], removed: [], channel: null, message: null, emoji: null };
  return { ...nothing, kind, community, key: '', user, roles, joinedAt };
}

/** Of one who left while the bot was away Discord tells nothing more. */
const unknownUser = (id: string): InteractionUser => ({
  id,
  username: '',
  displayName: `<@${id}>`,
  discriminator: null,
  avatar: null,
  bot: false,
});
