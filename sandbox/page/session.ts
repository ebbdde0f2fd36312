import { COMMAND } from '../rules/command.ts';
import { whyNotOffered } from '../rules/offered.ts';
import { allows, channelPermissions, memberKey, PERMISSION, rolesOf } from '../rules/permissions.ts';
import type { Channel, Command, Guild, Member, Message, Role, User } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import type { Mirror } from './mirror.ts';

/** Stands for the direct messages with the application, which may have no channel yet. */
export const DM = '@me';
const KEY = 'guildhall-sandbox';
const CATEGORY = 4;

interface Chosen {
  guild: string;
  user: string;
  /** The open channel of each guild. */
  channels: Record<string, string>;
}

/** Who the person at the page is now, and where. */
export class Session {
  readonly mirror: Mirror;
  #chosen: Chosen;
  /** Sorted once: every name asks for them. */
  #roles: readonly Role[] | null = null;
  /** The newest message that a member saw in a channel. */
  readonly #read = new Map<string, string>();

  constructor(mirror: Mirror) {
    this.mirror = mirror;
    const asked = new URLSearchParams(location.search);
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Chosen>;
    this.#chosen = { guild: '', user: '', channels: {}, ...kept };
    mirror.watch(['people', 'channels', 'chosen'], () => {
      this.#roles = null;
    });
    mirror.watch(['people', 'channels'], () => this.#settle(asked));
  }

  get guild(): Guild {
    return (
      this.mirror.get('guilds', this.#chosen.guild) ?? { id: '', name: '', owner_id: '', preferred_locale: 'en-US' }
    );
  }

  get userId(): string {
    return this.#chosen.user;
  }

  get user(): User | undefined {
    return this.mirror.get('users', this.userId);
  }

  get member(): Member | undefined {
    return this.memberOf(this.userId);
  }

  /** The open channel's id, or `@me`. */
  get place(): string {
    return this.#chosen.channels[this.#chosen.guild] ?? '';
  }

  /** The open channel; a direct message that nobody wrote yet has none. */
  get channel(): Channel | undefined {
    return this.place === DM ? this.dm() : this.mirror.get('channels', this.place);
  }

  /** The bot that this sandbox belongs to. */
  get bot(): User | undefined {
    return this.mirror.get('users', this.mirror.application.id);
  }

  /** The direct message channel of the member and the bot. */
  dm(userId = this.userId): Channel | undefined {
    return this.mirror.all('channels').find(({ type, recipient_id }) => type === 1 && recipient_id === userId);
  }

  memberOf(userId: string): Member | undefined {
    return this.mirror.get('members', memberKey(this.guild.id, userId));
  }

  /** The guild's members, people before bots. */
  members(): Member[] {
    const bot = ({ user_id: id }: Member) => Number(this.mirror.get('users', id)?.bot ?? false);
    return this.mirror
      .all('members')
      .filter((member) => member.guild_id === this.guild.id)
      .sort((a, b) => bot(a) - bot(b));
  }

  /** The guild's roles, highest first, without @everyone. */
  roles(): readonly Role[] {
    this.#roles ??= rolesOf(this.mirror, this.guild.id)
      .filter(({ id }) => id !== this.guild.id)
      .reverse();
    return this.#roles;
  }

  /** The channels that the member is shown, in Discord's order, without categories. */
  channels(): Channel[] {
    return this.mirror
      .all('channels')
      .filter((channel) => channel.guild_id === this.guild.id && channel.type !== CATEGORY && this.sees(channel))
      .sort((a, b) => a.position - b.position || compareIds(a.id, b.id));
  }

  sees(channel: Channel, member = this.member): boolean {
    if (channel.guild_id === null) return channel.recipient_id === member?.user_id;
    return allows(this.permissions(channel, member), PERMISSION.VIEW_CHANNEL);
  }

  permissions(channel: Channel, member = this.member): bigint {
    return member === undefined ? 0n : channelPermissions(this.mirror, member, channel);
  }

  /** True when the member may write where it is. */
  get writes(): boolean {
    const { channel } = this;
    if (this.place === DM) return true;
    return channel !== undefined && allows(this.permissions(channel), PERMISSION.SEND_MESSAGES);
  }

  /** The commands that the member is offered where it is: slash commands, or those of another type. */
  commands(type: number = COMMAND.CHAT_INPUT): Command[] {
    const { channel, place } = this;
    const bits = place === DM ? null : channel === undefined ? 0n : this.permissions(channel);
    const scopes = place === DM ? [null] : [this.guild.id, null];
    return this.mirror
      .all('commands')
      .filter((command) => command.type === type && scopes.includes(command.guild_id))
      .filter((command) => whyNotOffered(command, bits) === undefined);
  }

  reads({ ephemeral_for: reader }: Message): boolean {
    return reader === null || reader === this.userId;
  }

  /** The newest message that the member saw in a channel; all that was there when the page began counts as seen. */
  lastRead(channelId: string): string {
    const key = `${this.userId} ${channelId}`;
    const begun = this.#read.get(`* ${channelId}`) ?? this.mirror.newest(channelId);
    if (!this.#read.has(`* ${channelId}`)) this.#read.set(`* ${channelId}`, begun);
    return this.#read.get(key) ?? begun;
  }

  /** Notes that the member saw everything in a channel. */
  markRead(channelId: string): void {
    this.lastRead(channelId);
    this.#read.set(
      `${this.userId} ${channelId}`,
      this.mirror.newest(channelId, (message) => this.reads(message)),
    );
  }

  /** What is new to the member in a channel, and how often it is meant by that. */
  unread(channel: Channel): { unread: boolean; pings: number } {
    const last = this.lastRead(channel.id);
    const newest = this.mirror.newest(channel.id, (message) => this.reads(message));
    const fresh = this.mirror.arrivals(channel.id).filter((message) => compareIds(message.id, last) > 0);
    const others = fresh.filter((message) => this.reads(message) && message.author_id !== this.userId);
    const pings = others.filter((message) => channel.guild_id === null || this.isMeant(message)).length;
    return { unread: compareIds(newest, last) > 0, pings };
  }

  isMeant({ mentions, mention_roles: roles, mention_everyone: everyone }: Message): boolean {
    return everyone || mentions.includes(this.userId) || roles.some((id) => this.member?.roles.includes(id));
  }

  be(userId: string): void {
    this.#choose({ user: userId });
  }

  enterGuild(guildId: string): void {
    this.#choose({ guild: guildId });
  }

  open(channelId: string): void {
    this.#choose({ channels: { ...this.#chosen.channels, [this.#chosen.guild]: channelId } });
  }

  #choose(change: Partial<Chosen>): void {
    this.#chosen = { ...this.#chosen, ...change };
    this.#roles = null;
    this.#settle();
    this.mirror.tell('chosen');
  }

  /** Keeps guild, member and channel to what is there; the address may name them at first. */
  #settle(asked = new URLSearchParams()): void {
    const { mirror } = this;
    const guilds = mirror.all('guilds');
    const named = (list: { id: string; name: string }[], name: string | null) =>
      list.find((item) => item.id === name || item.name === name)?.id;
    const guild = named(guilds, asked.get('guild')) ?? named(guilds, this.#chosen.guild) ?? guilds[0]?.id ?? '';
    this.#chosen = { ...this.#chosen, guild };
    const people = this.members().flatMap(({ user_id: id }) => mirror.get('users', id) ?? []);
    const humans = people.filter(({ bot }) => !bot);
    const wanted = humans.find(({ id, username }) => [id, username].includes(asked.get('as') ?? ''));
    const user = (wanted ?? humans.find(({ id }) => id === this.#chosen.user) ?? humans[0])?.id ?? '';
    this.#chosen = { ...this.#chosen, user };
    const channels = this.channels();
    const name = asked.get('channel');
    const open = name === DM ? DM : named(channels, name);
    const stays = this.place === DM || channels.some(({ id }) => id === this.place);
    const channel = open ?? (stays ? this.place : (channels.find(({ type }) => type === 0)?.id ?? DM));
    this.#chosen = { ...this.#chosen, channels: { ...this.#chosen.channels, [guild]: channel } };
    for (const key of ['guild', 'as', 'channel']) asked.delete(key);
    sessionStorage.setItem(KEY, JSON.stringify(this.#chosen));
  }
}
