import type { WebSocket } from 'ws';
import type { JsonObject } from '../json.ts';
import { OP } from './events.ts';

/** How many events a session keeps for a resume. */
const KEPT = 2000;

/** One identified client: it outlives its connection for a while, so that the client can resume. */
export class Session {
  readonly id: string;
  readonly intents: number;
  readonly shard: readonly [number, number];
  #sequence = 0;
  #socket: WebSocket | null;
  readonly #kept: { sequence: number; text: string }[] = [];

  constructor(id: string, intents: number, shard: readonly [number, number], socket: WebSocket) {
    this.id = id;
    this.intents = intents;
    this.shard = shard;
    this.#socket = socket;
  }

  get socket(): WebSocket | null {
    return this.#socket;
  }

  /** True when this session's shard is the one of a guild, or of DMs (docs: events/gateway, "Sharding"). */
  serves(guildId: string | null): boolean {
    const [shard, count] = this.shard;
    return guildId === null ? shard === 0 : Number((BigInt(guildId) >> 22n) % BigInt(count)) === shard;
  }

  dispatch(name: string, data: JsonObject): void {
    this.#sequence++;
    const text = JSON.stringify({ t: name, s: this.#sequence, op: OP.DISPATCH, d: data });
    this.#kept.push({ sequence: this.#sequence, text });
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#socket?.send(text);
  }

  detach(): void {
    this.#socket = null;
  }

  /** Takes a new connection and sends what came after `sequence`; false when that is no longer known. */
  resume(socket: WebSocket, sequence: number): boolean {
    const oldest = this.#kept[0]?.sequence ?? this.#sequence + 1;
    if (sequence > this.#sequence || sequence < oldest - 1) return false;
    this.#socket = socket;
    for (const event of this.#kept) if (event.sequence > sequence) socket.send(event.text);
    return true;
  }
}
