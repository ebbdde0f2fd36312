import { Journal, type Operation } from './journal.ts';
import { COLLECTIONS, type CollectionName, type Collections, type Message } from './model.ts';

type Listener = (collection: CollectionName, id: string) => void;

/** The records of each collection by their keys. */
export type Records = { [K in CollectionName]: Map<string, Collections[K]> };

export function emptyRecords(): Records {
  return Object.fromEntries(COLLECTIONS.map((name) => [name, new Map()])) as unknown as Records;
}

/** How many messages a channel keeps. */
const MESSAGES_KEPT = 5000;

/**
 * The sandbox's state: collections of records that are replaced, never changed in place.
 * `flush` writes all changes since the last one as one line and must run before anything leaves the process.
 */
export class Store {
  readonly #journal: Journal;
  readonly #collections: Records;
  readonly #byChannel = new Map<string, Map<string, Message>>();
  readonly #newest = new Map<string, string>();
  readonly #byNonce = new Map<string, string>();
  readonly #byToken = new Map<string, string>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #pending: Operation[] = [];
  #scheduled = false;
  #closed = false;

  constructor(folder: string) {
    this.#collections = emptyRecords();
    this.#journal = new Journal(folder);
    for (const [collection, id, value] of this.#journal.read()) {
      if (!isCollection(collection)) continue;
      if (value === undefined) this.#forget(collection, id);
      else this.#keep(collection, id, value as Collections[typeof collection]);
    }
    this.#journal.restart(this.#operations());
  }

  get<K extends CollectionName>(collection: K, id: string): Collections[K] | undefined {
    return this.#collections[collection].get(id);
  }

  all<K extends CollectionName>(collection: K): Collections[K][] {
    return [...this.#collections[collection].values()];
  }

  /** The records of a collection with their keys. */
  entries<K extends CollectionName>(collection: K): [key: string, record: Collections[K]][] {
    return [...this.#collections[collection]];
  }

  /** The messages of a channel, oldest first. */
  messagesOf(channelId: string): Message[] {
    return [...(this.#byChannel.get(channelId)?.values() ?? [])];
  }

  /** The id of the newest message that all see in a channel. */
  newestIn(channelId: string): string | null {
    return this.#newest.get(channelId) ?? null;
  }

  /** The newest message of an author with a nonce. */
  messageByNonce(authorId: string, nonce: unknown): Message | undefined {
    const id = this.#byNonce.get(`${authorId}:${String(nonce)}`);
    return id === undefined ? undefined : this.get('messages', id);
  }

  size(collection: CollectionName): number {
    return this.#collections[collection].size;
  }

  interactionByToken(token: string): Collections['interactions'] | undefined {
    const id = this.#byToken.get(token);
    return id === undefined ? undefined : this.get('interactions', id);
  }

  put<K extends CollectionName>(collection: K, id: string, value: Collections[K]): void {
    this.#keep(collection, id, value);
    this.#note([collection, id, value]);
    if (collection === 'messages') this.#trim((value as Message).channel_id);
  }

  remove(collection: CollectionName, id: string): void {
    if (!this.#collections[collection].has(id)) return;
    this.#forget(collection, id);
    this.#note([collection, id]);
  }

  /** Makes `records` the whole state, in one step: a kill leaves the old one or the new one. */
  replace(records: Records): void {
    this.flush();
    for (const collection of COLLECTIONS) {
      for (const key of [...this.#collections[collection].keys()]) this.remove(collection, key);
    }
    this.#newest.clear();
    for (const collection of COLLECTIONS) {
      for (const [key, record] of records[collection]) this.put(collection, key, record);
    }
    this.flush();
  }

  /** Writes what changed since the last flush. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const operations = this.#pending;
    this.#pending = [];
    if (this.#journal.append(operations)) this.#journal.restart(this.#operations());
  }

  /** Calls `listener` after each change of a record, or of anything for the key `*`; returns what ends that. */
  watch(key: `${CollectionName}:${string}` | '*', listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  close(): void {
    this.flush();
    this.#closed = true;
    this.#journal.close();
  }

  #note(operation: Operation): void {
    if (this.#closed) return;
    this.#pending.push(operation);
    for (const key of [`${operation[0]}:${operation[1]}`, '*']) {
      for (const listener of [...(this.#listeners.get(key) ?? [])])
        listener(operation[0] as CollectionName, operation[1]);
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  #keep<K extends CollectionName>(collection: K, id: string, value: Collections[K]): void {
    this.#collections[collection].set(id, value);
    if (collection === 'messages') {
      const message = value as Message;
      const messages = this.#byChannel.get(message.channel_id) ?? new Map<string, Message>();
      this.#byChannel.set(message.channel_id, messages.set(id, message));
      if (message.nonce !== undefined) this.#byNonce.set(nonceKey(message), id);
      if (message.ephemeral_for === null && id.localeCompare(this.#newest.get(message.channel_id) ?? '') > 0) {
        this.#newest.set(message.channel_id, id);
      }
    } else if (collection === 'interactions') {
      this.#byToken.set((value as Collections['interactions']).token, id);
    }
  }

  #forget(collection: CollectionName, id: string): void {
    const message = collection === 'messages' ? this.get('messages', id) : undefined;
    const interaction = collection === 'interactions' ? this.get('interactions', id) : undefined;
    if (message !== undefined) {
      this.#byChannel.get(message.channel_id)?.delete(id);
      if (this.#byNonce.get(nonceKey(message)) === id) this.#byNonce.delete(nonceKey(message));
    }
    if (interaction !== undefined) this.#byToken.delete(interaction.token);
    this.#collections[collection].delete(id);
  }

  #trim(channelId: string): void {
    const messages = this.#byChannel.get(channelId);
    if (messages === undefined || messages.size <= MESSAGES_KEPT) return;
    for (const id of [...messages.keys()].slice(0, messages.size - MESSAGES_KEPT)) this.remove('messages', id);
  }

  *#operations(): Generator<Operation> {
    for (const collection of COLLECTIONS) {
      for (const [id, value] of this.#collections[collection]) yield [collection, id, value];
    }
  }
}

/** Where rules read records from: the store, or a page's mirror of it. */
export type ReadableStore = Pick<Store, 'get' | 'all'>;

function isCollection(name: string): name is CollectionName {
  return COLLECTIONS.some((known) => known === name);
}

function nonceKey({ author_id: authorId, nonce }: Message): string {
  return `${authorId}:${String(nonce)}`;
}
