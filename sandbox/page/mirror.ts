import type { Changes, EventLine, Snapshot, Status } from '../control/live.ts';
import type { LogLine } from '../control/log.ts';
import { Listeners } from '../listeners.ts';
import type { CollectionName, Collections, Message } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';
import type { ReadableStore } from '../state/store.ts';

/** What may have changed: views name the topics that they show. */
export type Topic = 'people' | 'channels' | 'commands' | 'messages' | 'status' | 'lines' | 'chosen' | 'typing';

const TOPICS: Partial<Record<CollectionName, Topic>> = {
  users: 'people',
  guilds: 'people',
  roles: 'people',
  members: 'people',
  closedDms: 'people',
  voiceStates: 'channels',
  threadMembers: 'channels',
  channels: 'channels',
  commands: 'commands',
  messages: 'messages',
};

/** How many requests and events are kept, and how many new messages of a channel that nobody opened. */
const LINES_KEPT = 500;
const ARRIVALS_KEPT = 200;
/** How long Discord shows that somebody is typing. */
const TYPING_MS = 10_000;

/** The messages of a channel that were fetched, oldest first; `more` says that there are older ones. */
export interface Loaded {
  messages: Message[];
  more: boolean;
}

/** The sandbox's state as far as the page knows it. ReadableStore are replaced, never changed in place. */
export class Mirror implements ReadableStore {
  application = { id: '', name: '' };
  speed = 1;
  status: Status = { connected: 0, faults: [] };
  requests: LogLine[] = [];
  events: EventLine[] = [];
  /** Who is typing in a channel, until when. */
  readonly typing = new Map<string, Map<string, number>>();
  readonly #collections = new Map<CollectionName, Map<string, unknown>>();
  #newest = new Map<string, string>();
  readonly #arrivals = new Map<string, Map<string, Message>>();
  readonly #loaded = new Map<string, Loaded>();
  /** Changes of messages since a channel began to load. */
  readonly #during = new Map<string, Map<string, Message | null>>();
  readonly #listeners = new Listeners<[ReadonlySet<Topic>]>();

  /** Calls `update` when one of the topics may have changed. */
  watch(topics: readonly Topic[], update: (changed: ReadonlySet<Topic>) => void): void {
    this.#listeners.add((changed) => {
      if (topics.some((topic) => changed.has(topic))) update(changed);
    });
  }

  tell(...topics: Topic[]): void {
    this.#listeners.tell(new Set(topics));
  }

  get<K extends CollectionName>(collection: K, id: string): Collections[K] | undefined {
    return this.#collections.get(collection)?.get(id) as Collections[K] | undefined;
  }

  all<K extends CollectionName>(collection: K): Collections[K][] {
    return [...(this.#collections.get(collection)?.values() ?? [])] as Collections[K][];
  }

  loaded(channelId: string): Loaded | undefined {
    return this.#loaded.get(channelId);
  }

  /** The newest message of a channel, whoever may read it. */
  newest(channelId: string, reads: (message: Message) => boolean = () => true): string {
    const arrived = this.arrivals(channelId).findLast(reads)?.id;
    return arrived ?? this.#newest.get(channelId) ?? '0';
  }

  /** The messages of a channel that came since the page began, oldest first. */
  arrivals(channelId: string): Message[] {
    return [...(this.#arrivals.get(channelId)?.values() ?? [])];
  }

  /** A stream that begins tells all requests and events from their beginning. */
  forgetLines(): void {
    this.requests = [];
    this.events = [];
    this.tell('lines');
  }

  /** Takes a whole state; what was fetched before is forgotten. */
  restart(snapshot: Snapshot): void {
    const { application, speed, collections, newest, status, requests, events } = snapshot;
    Object.assign(this, { application, speed, status });
    // A new state in the same stream tells only what is new of these.
    this.requests = [...this.requests, ...requests].slice(-LINES_KEPT);
    this.events = [...this.events, ...events].slice(-LINES_KEPT);
    for (const [name, records] of Object.entries<[string, unknown][]>(collections)) {
      this.#collections.set(name as CollectionName, new Map(records));
    }
    this.#newest = new Map(Object.entries(newest));
    this.#arrivals.clear();
    this.#loaded.clear();
    this.tell('people', 'channels', 'commands', 'messages', 'status', 'lines', 'chosen', 'typing');
  }

  apply({ records, status, requests, events }: Changes): void {
    const topics = new Set<Topic>();
    for (const [collection, id, record] of records) {
      const topic = TOPICS[collection];
      if (topic !== undefined) topics.add(topic);
      if (collection === 'messages') this.#takeMessage(id, record as Message | null);
      else if (record === null) this.#collections.get(collection)?.delete(id);
      else this.#collections.get(collection)?.set(id, record);
    }
    if (JSON.stringify(status) !== JSON.stringify(this.status)) topics.add('status');
    this.status = status;
    if (requests.length + events.length > 0) topics.add('lines');
    this.requests = [...this.requests, ...requests].slice(-LINES_KEPT);
    this.events = [...this.events, ...events].slice(-LINES_KEPT);
    for (const { typing, at } of events) {
      if (typing === undefined) continue;
      const people = this.typing.get(typing.channel) ?? new Map<string, number>();
      this.typing.set(typing.channel, people.set(typing.user, at + TYPING_MS));
      topics.add('typing');
      setTimeout(() => this.tell('typing'), TYPING_MS);
    }
    if (topics.size > 0) this.#listeners.tell(topics);
  }

  /** Keeps the fetched messages of a channel; those that changed while they were fetched are newer. */
  keep(channelId: string, { messages, more }: Loaded): void {
    const known = this.#loaded.get(channelId)?.messages ?? [];
    const all = new Map([...messages, ...known].map((message) => [message.id, message]));
    for (const [id, message] of this.#during.get(channelId) ?? []) {
      if (message === null) all.delete(id);
      else all.set(id, message);
    }
    this.#during.delete(channelId);
    this.#loaded.set(channelId, { messages: [...all.values()].sort((a, b) => compareIds(a.id, b.id)), more });
    this.tell('messages');
  }

  /** From now on remembers what changes in a channel, until `keep`. */
  beginLoading(channelId: string): void {
    this.#during.set(channelId, new Map());
  }

  #takeMessage(id: string, message: Message | null): void {
    const channels = message === null ? [...this.#loaded.keys(), ...this.#arrivals.keys()] : [message.channel_id];
    for (const channelId of new Set(channels)) {
      const loaded = this.#loaded.get(channelId);
      if (loaded !== undefined)
        this.#loaded.set(channelId, { ...loaded, messages: changed(loaded.messages, id, message) });
      this.#arrive(channelId, id, message);
      if (message !== null) this.typing.get(channelId)?.delete(message.author_id);
    }
    for (const [channelId, during] of this.#during) {
      if (message === null || message.channel_id === channelId) during.set(id, message);
    }
  }

  #arrive(channelId: string, id: string, message: Message | null): void {
    const arrivals = this.#arrivals.get(channelId) ?? new Map<string, Message>();
    if (message === null) arrivals.delete(id);
    else if (arrivals.has(id) || compareIds(id, this.newest(channelId)) > 0) arrivals.set(id, message);
    for (const oldest of [...arrivals.keys()].slice(0, -ARRIVALS_KEPT)) arrivals.delete(oldest);
    this.#arrivals.set(channelId, arrivals);
  }
}

function changed(messages: Message[], id: string, message: Message | null): Message[] {
  const at = messages.findLastIndex((known) => known.id === id);
  if (at >= 0) return message === null ? messages.toSpliced(at, 1) : messages.with(at, message);
  if (message === null) return messages;
  const after = messages.findLastIndex((known) => compareIds(known.id, id) < 0);
  return messages.toSpliced(after + 1, 0, message);
}
