import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { isObject, type JsonObject, list, parseJson } from '../json.ts';
import { guildCreate, memberObject, membersOf, userObject } from '../payloads.ts';
import { memberKey } from '../rules/permissions.ts';
import type { Message } from '../state/model.ts';
import { scaled, type World } from '../world.ts';
import { ALL_INTENTS, EVENTS, type EventName, INTENT, OP, SESSION_ENDING_CODES } from './events.ts';
import { Session } from './session.ts';

const HEARTBEAT_MS = 41_250;
/** How long a dropped session waits for a resume. */
const RESUMABLE_MS = 5 * 60_000;

/** Where an event belongs: a guild, or a DM (null). */
export interface Place {
  guildId: string | null;
  /** The message of a message event, whose content some sessions may not see. */
  message?: Message;
}

interface Connection {
  session: Session | null;
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
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 16_384, clientTracking: true });
  readonly #sessions = new Map<string, Session>();
  readonly #connections = new Map<WebSocket, Connection>();
  #world: World | undefined;

  readonly #handlers = new Map<unknown, (received: Received) => void>([
    [OP.HEARTBEAT, ({ socket }) => send(socket, { op: OP.HEARTBEAT_ACK })],
    [OP.IDENTIFY, (received) => this.#identify(received)],
    [OP.RESUME, (received) => this.#resume(received)],
    [OP.PRESENCE_UPDATE, ({ connection }) => void identified(connection)],
    [OP.VOICE_STATE_UPDATE, ({ connection }) => void identified(connection)],
    [OP.REQUEST_GUILD_MEMBERS, ({ world, connection, body }) => this.#sendMembers(world, identified(connection), body)],
  ]);

  /** Connects the gateway to its world; before that it takes no connection. */
  open(world: World): void {
    this.#world = world;
  }

  get connected(): number {
    return [...this.#sessions.values()].filter((session) => session.socket !== null).length;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const world = this.#world;
    if (world === undefined) socket.destroy();
    else this.#server.handleUpgrade(request, socket, head, (client) => this.#greet(world, client));
  }

  /** Sends an event to every session whose intents and shard cover it. */
  dispatch(name: EventName, data: JsonObject, { guildId, message }: Place): void {
    const needed = EVENTS[name][guildId === null ? 'dm' : 'guild'];
    if (needed === null || this.#world === undefined) return;
    this.#world.store.flush();
    for (const session of this.#sessions.values()) {
      if ((session.intents & needed) !== needed || !session.serves(guildId)) continue;
      session.dispatch(name, message === undefined ? data : this.#readable(session, data, message));
    }
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

  stop(): void {
    for (const [socket, { stopTimers }] of this.#connections) {
      stopTimers();
      socket.terminate();
    }
    this.#server.close();
  }

  /** Without the MESSAGE_CONTENT intent the text of others is blank, save in DMs and mentions of the bot. */
  #readable(session: Session, data: JsonObject, message: Message): JsonObject {
    const bot = this.#world?.bot.id ?? '';
    const open = message.guild_id === null || message.author_id === bot || message.mentions.includes(bot);
    if (open || (session.intents & INTENT.MESSAGE_CONTENT) !== 0 || data.content === undefined) return data;
    return { ...data, content: '', embeds: [], attachments: [], components: [] };
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
    const connection: Connection = { session: null, stopTimers: () => cancel() };
    this.#connections.set(socket, connection);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#left(world, socket, connection));
    socket.on('message', (data) => {
      alive = true;
      this.#receive(world, socket, connection, data);
    });
    send(socket, { op: OP.HELLO, d: { heartbeat_interval: interval, _trace: ['sandbox'] } });
  }

  #left(world: World, socket: WebSocket, connection: Connection): void {
    connection.stopTimers();
    this.#connections.delete(socket);
    const session = connection.session;
    if (session === null || session.socket !== socket) return;
    session.detach();
    world.clock.after(Math.max(scaled(world, RESUMABLE_MS), 10_000), () => {
      if (session.socket === null) this.#sessions.delete(session.id);
    });
  }

  #receive(world: World, socket: WebSocket, connection: Connection, data: RawData): void {
    try {
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
    const [shard, count] = Array.isArray(body.shard) ? body.shard.map(Number) : [0, 1];
    const valid = Number.isInteger(shard) && Number.isInteger(count) && shard !== undefined && count !== undefined;
    if (!valid || shard < 0 || shard >= count) throw new Closing(4010, 'Invalid shard');
    const session = new Session(randomBytes(16).toString('hex'), intents, [shard, count], socket);
    connection.session = session;
    this.#sessions.set(session.id, session);
    const { store, application, bot } = world;
    const guilds = store
      .all('guilds')
      .filter(({ id }) => session.serves(id) && store.get('members', memberKey(id, bot.id)));
    session.dispatch('READY', {
      v: 10,
      user: { ...userObject(bot), verified: true, mfa_enabled: true, email: null, flags: 0 },
      application: { id: application.id, flags: 565_248 },
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: gatewayUrl(world),
      shard: [shard, count],
      private_channels: [],
      relationships: [],
      user_settings: {},
      presences: [],
      guild_join_requests: [],
      geo_ordered_rtc_regions: [],
      auth: {},
      _trace: ['sandbox'],
    });
    if ((intents & INTENT.GUILDS) === 0) return;
    for (const guild of guilds) {
      const everyone = (intents & INTENT.GUILD_PRESENCES) !== 0 && (intents & INTENT.GUILD_MEMBERS) !== 0;
      const members = membersOf(store, guild.id).filter((member) => everyone || member.user_id === bot.id);
      session.dispatch('GUILD_CREATE', guildCreate(store, guild, members));
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
    if (old) old.terminate();
    session.dispatch('RESUMED', { _trace: ['sandbox'] });
  }

  /** Answers op 8; the whole list needs the GUILD_MEMBERS intent (docs: events/gateway-events, "Request Guild Members"). */
  #sendMembers(world: World, session: Session, body: JsonObject): void {
    const guildId = String(Array.isArray(body.guild_id) ? body.guild_id[0] : body.guild_id);
    const ids = body.user_ids === undefined ? undefined : list([body.user_ids].flat()).map(String);
    const query = String(body.query ?? '').toLowerCase();
    const limit = Number(body.limit ?? 0);
    if (ids === undefined && query === '' && (session.intents & INTENT.GUILD_MEMBERS) === 0) return;
    const all = membersOf(world.store, guildId);
    const names = (id: string) => world.store.get('users', id)?.username.toLowerCase() ?? '';
    const found =
      ids === undefined
        ? all.filter((member) => names(member.user_id).startsWith(query)).slice(0, limit > 0 ? limit : undefined)
        : all.filter((member) => ids.includes(member.user_id));
    const missing = (ids ?? []).filter((id) => !found.some((member) => member.user_id === id));
    const nonce = typeof body.nonce === 'string' && body.nonce.length <= 32 ? { nonce: body.nonce } : {};
    const chunks = Math.max(1, Math.ceil(found.length / 1000));
    for (let index = 0; index < chunks; index++) {
      session.dispatch('GUILD_MEMBERS_CHUNK', {
        guild_id: guildId,
        members: found.slice(index * 1000, index * 1000 + 1000).map((member) => memberObject(world.store, member)),
        chunk_index: index,
        chunk_count: chunks,
        ...(missing.length > 0 ? { not_found: missing } : {}),
        ...nonce,
      });
    }
  }

  #shut(socket: WebSocket, connection: Connection, code: number, reason: string): void {
    if (connection.session !== null && SESSION_ENDING_CODES.includes(code))
      this.#sessions.delete(connection.session.id);
    socket.close(code, reason);
  }
}

/** Where clients connect and resume. */
export function gatewayUrl(world: Pick<World, 'host'>): string {
  return `ws://${world.host}/gateway`;
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
    const payload = parseJson(String(data));
    if (isObject(payload)) return payload;
  } catch {
    // Falls through to the close code.
  }
  throw new Closing(4002, 'Decode error');
}
