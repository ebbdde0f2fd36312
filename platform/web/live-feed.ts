import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { createPlaces } from './places.ts';

/** What a viewer wants to hear of. */
export interface View {
  community: string;
  /** Only what is sent under this topic, or under none; null: everything. */
  topic: string | null;
  /** Asked at each `review`: where it says no, the stream ends. */
  mayGoOn?(): boolean;
}

/** Why somebody cannot view: all places are taken, this address has its share of them, or the feed has stopped. */
export type NoView = 'crowded' | 'greedy' | 'stopped';

/**
 * Tells everybody who looks at a page what changes, as server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). A viewer that comes back hears what it missed; one
 * that missed too much gets the event `resync`, and reads anew what it shows.
 */
export interface LiveFeed {
  /**
   * Tells all viewers of a community. It returns at once; what is sent together travels together.
   * @param event its name, of letters, digits, `.`, `_` and `-`
   * @param topic only viewers of this topic and of everything hear it; without one all do
   * @throws Error where the name cannot be an event's
   */
  send(community: string, event: string, data: object, topic?: string): void;
  /** What a community was told is told to nobody again: who has not heard all of it reads anew. */
  forget(community: string): void;
  /** Makes the answer to a request a stream of events. @returns null, or why not: then nothing has been answered */
  view(request: IncomingMessage, response: ServerResponse, view: View): NoView | null;
  /** Ends the streams of those who may not view any more. */
  review(): void;
  /** How many look on. */
  viewers(): number;
  /** Ends all streams, and begins no other. */
  stop(): void;
}

/** Each takes some 20 kB. Who has more puts them behind a proxy that spreads one stream. */
const MOST_VIEWERS = 10_000;
/** What comes again after a pause. */
const REMEMBERED_EVENTS = 100;
const REMEMBERED_BYTES = 1024 * 1024;
/** A viewer that has this much before it when there is more to tell does not read. */
const BEHIND_BYTES = 256 * 1024;
/** Proxies cut off what is silent, the strictest after half a minute. */
const HEARTBEAT_MILLISECONDS = 20_000;
/** When browsers come back after an end, spread out: after a restart all of them do. */
const RETRY_MILLISECONDS = 2000;
const RETRY_SPREAD_MILLISECONDS = 3000;
/** So many viewers are told at once; then other work has its turn. */
const SLICE = 50;

const EVENT_NAME = /^[\w.-]+$/;
const HEARTBEAT = Buffer.from(':\n\n');
const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // nginx would hold events back until a buffer is full.
  'X-Accel-Buffering': 'no',
  // Nothing follows a stream: its end ends the connection, and holds up no server that closes.
  Connection: 'close',
};

interface Options {
  clock: Pick<Clock, 'random'>;
  /** Whose request it is; null where many may stand behind it. */
  addressOf(request: IncomingMessage): string | null;
  mostViewers?: number;
  heartbeat?: number;
  slice?: number;
}

interface Sent {
  topic: string | null;
  bytes: Buffer;
}

interface Viewer extends Pick<View, 'topic' | 'mayGoOn'> {
  response: ServerResponse;
  /** The number of the newest event that it was told, or did not ask for. */
  at: number;
}

/** A community's viewers and what they were told of late. */
interface Channel {
  viewers: Set<Viewer>;
  /** The newest events; the last of them has the number `last`. */
  recent: Sent[];
  recentBytes: number;
  last: number;
  telling: boolean;
}

/** One a process. Nobody views at first. */
export function createLiveFeed({
  clock,
  addressOf,
  mostViewers = MOST_VIEWERS,
  heartbeat = HEARTBEAT_MILLISECONDS,
  slice = SLICE,
}: Options): LiveFeed {
  /** Names this process in the ids of its events: those of another one count differently. */
  const boot = randomBytes(6).toString('hex');
  const channels = new Map<string, Channel>();
  const places = createPlaces(mostViewers);
  let stopped = false;

  const channelOf = (community: string): Channel => {
    const known = channels.get(community);
    if (known) return known;
    const fresh = { viewers: new Set<Viewer>(), recent: [], recentBytes: 0, last: 0, telling: false };
    channels.set(community, fresh);
    return fresh;
  };

  const tell = (channel: Channel): void => {
    if (channel.telling) return;
    channel.telling = true;
    const { last } = channel;
    const catchUpAll = inSlices(channel.viewers, slice, (viewer) => catchUp(channel, viewer));
    void catchUpAll.then(() => {
      channel.telling = false;
      // The first of them have not heard what came meanwhile.
      if (channel.last !== last) tell(channel);
    });
  };

  /** Tells a viewer what it has not heard yet. */
  const catchUp = (channel: Channel, viewer: Viewer): void => {
    const missed = channel.last - viewer.at;
    if (missed === 0) return;
    viewer.at = channel.last;
    const bytes =
      missed > channel.recent.length ? resync(channel) : joined(channel.recent.slice(-missed), viewer.topic);
    if (bytes) write(viewer, bytes);
  };
  const resync = ({ last }: Channel) => Buffer.from(`id: ${boot}-${last}\nevent: resync\ndata: {}\n\n`);

  const beat = setInterval(() => {
    for (const { viewers } of channels.values()) void inSlices(viewers, slice, (viewer) => write(viewer, HEARTBEAT));
  }, heartbeat).unref();

  return {
    send: (community, event, data, topic) => {
      if (!EVENT_NAME.test(event)) throw new Error(`“${event}” cannot be the name of an event.`);
      if (stopped) return;
      const channel = channelOf(community);
      const { recent } = channel;
      channel.last += 1;
      const bytes = Buffer.from(`id: ${boot}-${channel.last}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      recent.push({ topic: topic ?? null, bytes });
      channel.recentBytes += bytes.length;
      while (recent.length > REMEMBERED_EVENTS || (channel.recentBytes > REMEMBERED_BYTES && recent.length > 1)) {
        channel.recentBytes -= recent.shift()?.bytes.length ?? 0;
      }
      tell(channel);
    },
    forget: (community) => {
      const channel = channels.get(community);
      if (channel) Object.assign(channel, { recent: [], recentBytes: 0 });
    },
    view: (request, response, { community, topic, mayGoOn }) => {
      if (stopped) return 'stopped';
      const place = places.take(addressOf(request));
      if (typeof place === 'string') return place;
      const channel = channelOf(community);
      const heard = request.headers['last-event-id'];
      const [, from, number] = /^([0-9a-f]+)-(\d{1,15})$/.exec(String(heard)) ?? [];
      const isKnown = from === boot && Number(number) <= channel.last;
      const viewer: Viewer = { response, topic, mayGoOn, at: isKnown ? Number(number) : channel.last };
      channel.viewers.add(viewer);
      response.on('error', () => {});
      response.on('close', () => {
        place.leave();
        channel.viewers.delete(viewer);
        // Anybody may ask for any community.
        if (channel.viewers.size === 0 && channel.last === 0) channels.delete(community);
      });
      response.writeHead(200, HEADERS);
      const retry = Math.round(RETRY_MILLISECONDS + clock.random() * RETRY_SPREAD_MILLISECONDS);
      // The id is for who loses the connection before the first event.
      response.write(`retry: ${retry}\nid: ${boot}-${viewer.at}\n\n`);
      if (heard !== undefined && !isKnown) write(viewer, resync(channel));
      catchUp(channel, viewer);
      return null;
    },
    review: () => {
      for (const { viewers } of channels.values()) {
        for (const viewer of viewers) if (viewer.mayGoOn?.() === false) end(viewer);
      }
    },
    viewers: () => places.taken(),
    stop: () => {
      stopped = true;
      clearInterval(beat);
      for (const { viewers } of channels.values()) {
        for (const viewer of viewers) end(viewer);
        viewers.clear();
      }
    },
  };
}

/** What a viewer of a topic is to hear, in one piece; null where that is nothing. */
function joined(events: Sent[], topic: string | null): Buffer | null {
  const heard = topic === null ? events : events.filter((event) => event.topic === null || event.topic === topic);
  const [first = null] = heard;
  return heard.length > 1 ? Buffer.concat(heard.map(({ bytes }) => bytes)) : (first?.bytes ?? null);
}

function end({ response }: Viewer): void {
  // One that does not read would not end either.
  if (response.writableLength === 0) response.end();
  else response.destroy();
}

/** Writes to a viewer, or ends what does not read. */
function write({ response }: Viewer, bytes: Buffer): void {
  if (response.destroyed) return;
  if (response.writableLength > BEHIND_BYTES) response.destroy();
  else response.write(bytes);
}

/** Does something for everybody, some at a time. Who comes meanwhile is among them, who goes is not. */
function inSlices<T>(all: Set<T>, slice: number, act: (one: T) => void): Promise<void> {
  const walk = all.values();
  return new Promise((resolve) => {
    const step = () => {
      for (let done = 0; done < slice; done += 1) {
        const next = walk.next();
        if (next.done) return resolve();
        act(next.value);
      }
      setImmediate(step);
    };
    setImmediate(step);
  });
}
