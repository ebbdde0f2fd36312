import type { ServerResponse } from 'node:http';
import type { LoggedEvent } from '../gateway/event-log.ts';
import type { CollectionName, Collections } from '../state/model.ts';
import type { World } from '../world.ts';
import { listFaults } from './fault-kinds.ts';
import type { LogLine } from './log.ts';

/** Changes that come together are told once. */
const PAUSE_MS = 40;
/** How many requests and events are told at once: of more, the newest. */
const LINES = 200;
/** More changes than these are told as a whole new state, as after a load. */
const MANY_RECORDS = 1000;
/** A reader that is so far behind begins anew. */
const BEHIND_BYTES = 8 * 1024 * 1024;

/** What a page mirrors as it is; messages come on demand and by their changes. Nothing here holds a secret. */
export const MIRRORED = [
  'users',
  'guilds',
  'roles',
  'channels',
  'members',
  'commands',
  'closedDms',
  'threadMembers',
  'voiceStates',
] as const satisfies readonly CollectionName[];

/** Everything that a page needs at first. */
export interface Snapshot {
  application: { id: string; name: string };
  speed: number;
  collections: { [K in (typeof MIRRORED)[number]]: [id: string, record: Collections[K]][] };
  /** The newest message of each channel that has any. */
  newest: Record<string, string>;
  status: Status;
  requests: LogLine[];
  events: EventLine[];
}

/** What is told anew with each change. */
export interface Status {
  /** How many connections to the gateway there are. */
  connected: number;
  faults: { id: string; [key: string]: unknown }[];
}

/** What changed since a page was last told; a record that is gone is null. */
export interface Changes {
  records: [collection: CollectionName, id: string, record: unknown][];
  status: Status;
  requests: LogLine[];
  events: EventLine[];
}

/** An event without its data, but with who is typing where. */
export type EventLine = Omit<LoggedEvent, 'data'> & { typing?: { channel: string; user: string } };

/** Keeps a page up to date: server-sent events, first `snapshot` and then `changes`. */
export function streamChanges(world: World, response: ServerResponse): void {
  const changed = new Map<string, [CollectionName, string]>();
  const told = { request: 0, event: 0 };
  let waiting = false;
  const send = (name: string, data: Snapshot | Changes) => {
    if (response.destroyed) return;
    if (response.writableLength > BEHIND_BYTES) response.destroy();
    else response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const lines = () => {
    const requests = world.log.since(told.request, LINES);
    const events = world.events.since(told.event, LINES);
    told.request = requests.at(-1)?.number ?? told.request;
    told.event = events.at(-1)?.number ?? told.event;
    return { requests, events: events.map(eventLine) };
  };
  const tell = () => {
    if (waiting) return;
    waiting = true;
    world.clock.after(PAUSE_MS, () => {
      waiting = false;
      if (changed.size > MANY_RECORDS) {
        changed.clear();
        send('snapshot', { ...snapshot(world), ...lines() });
        return;
      }
      const records = [...changed.values()].map(([collection, id]): Changes['records'][number] => [
        collection,
        id,
        world.store.get(collection, id) ?? null,
      ]);
      changed.clear();
      send('changes', { records, status: status(world), ...lines() });
    });
  };
  const mirrored = new Set<CollectionName>([...MIRRORED, 'messages']);
  const ends = [
    world.store.watch('*', (collection, id) => {
      if (mirrored.has(collection)) changed.set(`${collection} ${id}`, [collection, id]);
      if (mirrored.has(collection) || collection === 'handicaps') tell();
    }),
    world.log.listeners.add(tell),
    world.events.listeners.add(tell),
    world.faults.listeners.add(tell),
  ];
  response.on('close', () => {
    for (const end of ends) end();
  });
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 1000\n');
  send('snapshot', { ...snapshot(world), ...lines() });
}

function snapshot(world: World): Omit<Snapshot, 'requests' | 'events'> {
  const { store, application, speed } = world;
  const newest = store.all('channels').map(({ id }) => [id, store.newestIn(id)]);
  return {
    application: { id: application.id, name: application.name },
    speed,
    collections: Object.fromEntries(
      MIRRORED.map((name) => [name, store.entries(name)]),
    ) as unknown as Snapshot['collections'],
    newest: Object.fromEntries(newest.filter(([, id]) => id !== null)),
    status: status(world),
  };
}

function status(world: World): Status {
  return { connected: world.gateway.connected, faults: listFaults(world) };
}

function eventLine({ data, ...line }: LoggedEvent): EventLine {
  if (line.name !== 'TYPING_START') return line;
  const { channel_id: channel, user_id: user } = data as { channel_id: string; user_id: string };
  return { ...line, typing: { channel, user } };
}
