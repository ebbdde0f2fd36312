import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Allowance } from '../allowance.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { guildCreate } from '../payloads/guilds.ts';
import { withoutContent } from '../payloads/messages.ts';
import { membersOf } from '../payloads/people.ts';
import { allowedIntents, PRIVILEGED_INTENTS } from '../rules/intents.ts';
import { memberKey } from '../rules/permissions.ts';
import type { Message } from '../state/model.ts';
import { newBotToken } from '../state/seed.ts';
import { connectBot } from '../voice.ts';
import { scaled, type World } from '../world.ts';
import type { EventOutcome } from './event-log.ts';
import { ALL_INTENTS, EVENTS, type EventName, INTENT, intentNamed, OP, SESSION_ENDING_CODES } from './events.ts';
import { botMay, type Place } from './place.ts';
import { memberChunks, readyPayload } from './ready.ts';
import { Session } from './session.ts';

const HEARTBEAT_MS = 41_250;
/** The longest payload that a client may send, in bytes (docs: events/gateway, "Sending Events"). */
const LONGEST = 4096;
/** How long a dropped session waits for a resume. */
const RESUMABLE_MS = 5 * 60_000;

interface Connection {
  session: Session | null;
  sends: Allowance;
  stopTimers: () => void;
}

interface Received {
  world: World;
  socket: WebSocket;
  connection: Connection;
  body: JsonObject;
}

/** Thrown where Discord closes the connection with a code. */
class Closing extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** The gateway, version 10, JSON encoding (docs: events/gateway). */
export class Gateway {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 1 << 20, clientTracking: true });
  readonly #sessions = new Map<string, Session>();
  readonly #connections = new Map<WebSocket, Connection>();
  #world: World | undefined;
  #away = false;

  readonly #handlers = new Map<unknown, (received: Received) => void>([
    [OP.HEARTBEAT, ({ socket }) => send(socket, { op: OP.HEARTBEAT_ACK })],
    [OP.IDENTIFY, (received) => this.#identify(received)],
    [OP.RESUME, (received) => this.#resume(received)],
    [OP.PRESENCE_UPDATE, ({ connection }) => void identified(connection)],
    [OP.VOICE_STATE_UPDATE, ({ world, connection, body }) => void (identified(connection) && connectBot(world, body))],
    [OP.REQUEST_GUILD_MEMBERS, ({ world, connection, body }) => this.#sendMembers(world, identified(connection), body)],
  ]);

  /** Connects the gateway to its world; before that it takes no connection. */
  open(world: World): void {
    this.#world = world;
  }

  get connected(): number {
    return [...this.#sessions.values()].filter((session) => session.socket !== null).length;
  }

  /** True while it takes no connection. */
  get away(): boolean {
    return this.#away;
  }

  set away(away: boolean) {
    this.#away = away;
    if (away) this.drop();
    this.#world?.faults.listeners.tell();
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const world = this.#world;
    if (world === undefined || this.#away) socket.destroy();
    else this.#server.handleUpgrade(request, socket, head, (client) => this.#greet(world, client));
  }

  /** Sends an event to every session whose intents and shard cover it, if the bot may see where it happened. */
  dispatch(name: EventName, data: JsonObject, { guildId, channelId, needs = 0n, message, intents }: Place): void {
    const base = EVENTS[name][guildId === null ? 'dm' : 'guild'];
    if (base === null || this.#world === undefined) return;
    this.#world.store.flush();
    if (guildId !== null && !botMay(this.#world, guildId, channelId ?? message?.channel_id, needs)) return;
    const needed = intents ?? base;
    const sessions = [...this.#sessions.values()].filter((session) => session.serves(guildId));
    let outcome: EventOutcome = sessions.length === 0 ? 'nobody' : 'filtered';
    for (const session of sessions) {
      if ((session.intents & needed) !== needed) continue;
      const readable = message === undefined ? data : this.#readable(session, data, message);
      outcome = readable === data ? 'sent' : 'blanked';
      session.dispatch(name, readable);
    }
    const intent = outcome === 'blanked' ? 'MESSAGE_CONTENT' : intentNamed(needed);
    this.#world.events.add({ name, outcome, intent, data });
  }

  /** Sends an event to one session. */
  #tell(world: World, session: Session, name: string, data: JsonObject): void {
    session.dispatch(name, data);
    world.events.add({ name, outcome: 'sent', intent: null, data });
  }

  /** Cuts every connection without a word; sessions can be resumed. */
  drop(): void {
    for (const socket of this.#connections.keys()) socket.terminate();
  }

  /** Tells every client that its session is over (op 9) or that it must reconnect (op 7). */
  signal(kind: 'invalidate' | 'reconnect'): void {
    for (const [socket, { session }] of this.#connections) {
      if (kind === 'invalidate' && session !== null) this.#sessions.delete(session.id);
      send(socket, kind === 'invalidate' ? { op: OP.INVALID_SESSION, d: false } : { op: OP.RECONNECT, d: null });
    }
  }

  /** Closes every connection with a close code. */
  close(code: number, reason = ''): void {
    for (const [socket, connection] of this.#connections) this.#shut(socket, connection, code, reason);
  }

  /** Ends every session: clients identify anew. */
  endSessions(): void {
    this.#sessions.clear();
    this.close(4009, 'Session timed out');
  }

  stop(): void {
    for (const [socket, { stopTimers }] of this.#connections) {
      stopTimers();
      socket.terminate();
    }
    this.#server.close();
  }

  /** Without the MESSAGE_CONTENT intent the text of others is blank, save in DMs and mentions of the bot. */
  #readable(session: Session, data: JsonObject, message: Message): JsonObject {
    if ((session.intents & INTENT.MESSAGE_CONTENT) !== 0) return data;
    return withoutContent(data, message, this.#world?.bot.id ?? '');
  }

  #greet(world: World, socket: WebSocket): void {
    const interval = HEARTBEAT_MS;
    let alive = true;
    let cancel = () => {};
    const watch = () => {
      cancel = world.clock.after(interval * 1.5, () => {
        if (!alive) {
          socket.close(4009, 'Session timed out');
          return;
        }
        alive = false;
        watch();
      });
    };
    watch();
    const connection: Connection = { session: null, sends: world.limits.sends(), stopTimers: () => cancel() };
    this.#connections.set(socket, connection);
    socket.on('error', () => socket.terminate());
    socket.on('close', (code, reason) => {
      this.#left(world, socket, connection, code);
      world.events.add({ name: 'CLOSE', outcome: 'received', intent: null, data: { code, reason: String(reason) } });
    });
    socket.on('message', (data) => {
      alive = true;
      this.#receive(world, socket, connection, data);
    });
    send(socket, { op: OP.HELLO, d: { heartbeat_interval: interval, _trace: ['sandbox'] } });
  }

  #left(world: World, socket: WebSocket, connection: Connection, code: number): void {
    connection.stopTimers();
    this.#connections.delete(socket);
    const session = connection.session;
    if (session === null || session.socket !== socket) return;
    session.detach();
    // Who says goodbye does not come back (docs: events/gateway, "Initiating a Disconnect").
    if (SESSION_ENDING_CODES.includes(code)) this.#sessions.delete(session.id);
    world.clock.after(Math.max(scaled(world, RESUMABLE_MS), 10_000), () => {
      if (session.socket === null) this.#sessions.delete(session.id);
    });
  }

  #receive(world: World, socket: WebSocket, connection: Connection, data: RawData): void {
    try {
      if (!connection.sends.take()) throw new Closing(4008, 'Rate limited');
      const payload = decode(data);
      const handle = this.#handlers.get(payload.op);
      if (handle === undefined) throw new Closing(4001, 'Unknown opcode');
      handle({ world, socket, connection, body: isObject(payload.d) ? payload.d : {} });
    } catch (error) {
      if (!(error instanceof Closing)) console.error('sandbox: gateway:', error);
      const { code, message } = error instanceof Closing ? error : new Closing(4000, 'Unknown error');
      this.#shut(socket, connection, code, message);
    }
  }

  #identify({ world, socket, connection, body }: Received): void {
    if (connection.session !== null) throw new Closing(4005, 'Already authenticated');
    if (!isToken(world, body.token)) throw new Closing(4004, 'Authentication failed');
    const intents = body.intents;
    if (
      typeof intents !== 'number' ||
      !Number.isSafeInteger(intents) ||
      intents < 0 ||
      (intents & ~ALL_INTENTS) !== 0
    ) {
      throw new Closing(4013, 'Invalid intent(s)');
    }
    if ((intents & PRIVILEGED_INTENTS & ~allowedIntents(world.application)) !== 0) {
      throw new Closing(4014, 'Disallowed intent(s)');
    }
    const [shard, count] = Array.isArray(body.shard) ? body.shard.map(Number) : [0, 1];
    const valid = Number.isInteger(shard) && Number.isInteger(count) && shard !== undefined && count !== undefined;
    if (!valid || shard < 0 || shard >= count) throw new Closing(4010, 'Invalid shard');
    const start = world.limits.startSession();
    if (start === 'exhausted') {
      resetBotToken(world);
      this.close(4004, 'Authentication failed');
      return;
    }
    if (start === 'too soon') {
      send(socket, { op: OP.INVALID_SESSION, d: false });
      return;
    }
    const session = new Session(randomBytes(16).toString('hex'), intents, [shard, count], socket);
    connection.session = session;
    this.#sessions.set(session.id, session);
    const asked = Object.keys(INTENT).filter((name) => intents & INTENT[name as keyof typeof INTENT]);
    world.events.add({ name: 'IDENTIFY', outcome: 'received', intent: null, data: { intents, names: asked } });
    const { store, bot } = world;
    const guilds = store
      .all('guilds')
      .filter(({ id }) => session.serves(id) && store.get('members', memberKey(id, bot.id)));
    this.#tell(world, session, 'READY', readyPayload(world, session, guilds));
    if ((intents & INTENT.GUILDS) === 0) return;
    for (const guild of guilds) {
      const everyone = (intents & INTENT.GUILD_PRESENCES) !== 0 && (intents & INTENT.GUILD_MEMBERS) !== 0;
      const members = membersOf(store, guild.id).filter((member) => everyone || member.user_id === bot.id);
      this.#tell(world, session, 'GUILD_CREATE', guildCreate(store, guild, members));
    }
  }

  #resume({ world, socket, connection, body }: Received): void {
    if (connection.session !== null) throw new Closing(4005, 'Already authenticated');
    if (!isToken(world, body.token)) throw new Closing(4004, 'Authentication failed');
    const session = this.#sessions.get(String(body.session_id));
    const old = session?.socket;
    if (session === undefined || typeof body.seq !== 'number' || !session.resume(socket, body.seq)) {
      send(socket, { op: OP.INVALID_SESSION, d: false });
      return;
    }
    connection.session = session;
    world.events.add({ name: 'RESUME', outcome: 'received', intent: null, data: { seq: body.seq } });
    if (old) old.terminate();
    this.#tell(world, session, 'RESUMED', { _trace: ['sandbox'] });
  }

  #sendMembers(world: World, session: Session, body: JsonObject): void {
    for (const chunk of memberChunks(world, session.intents, body)) {
      this.#tell(world, session, 'GUILD_MEMBERS_CHUNK', chunk);
    }
  }

  #shut(socket: WebSocket, connection: Connection, code: number, reason: string): void {
    if (connection.session !== null && SESSION_ENDING_CODES.includes(code))
      this.#sessions.delete(connection.session.id);
    socket.close(code, reason);
  }
}

/** More IDENTIFYs than a day allows cost the bot its token (docs: events/gateway, "Identifying"). */
function resetBotToken({ store, application }: World): void {
  store.put('application', application.id, { ...application, botToken: newBotToken(application.id) });
  console.error('sandbox: too many IDENTIFYs in a day: the bot has a new token');
}

function isToken(world: World, token: unknown): boolean {
  return typeof token === 'string' && token.replace(/^Bot /, '') === world.application.botToken;
}

function send(socket: WebSocket, payload: JsonObject): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(payload));
}

function identified({ session }: Connection): Session {
  if (session === null) throw new Closing(4003, 'Not authenticated');
  return session;
}

function decode(data: RawData): JsonObject {
  try {
    const text = String(data);
    const payload = Buffer.byteLength(text) > LONGEST ? undefined : parseJson(text);
    if (isObject(payload)) return payload;
  } catch {
    // Falls through to the close code.
  }
  throw new Closing(4002, 'Decode error');
}
