import { isObject, type JsonObject } from '../json.ts';
import type { Message } from '../state/model.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';

/** What the page asks for when somebody looks closer. */

const MESSAGES = 50;

/** Messages of a channel before one of them, or the newest: oldest first, with whether there are older ones. */
export function messagesPage(world: World, query: URLSearchParams): { messages: Message[]; more: boolean } {
  const before = query.get('before');
  const all = world.store.messagesOf(query.get('channel') ?? '');
  const end = before === null ? all.length : all.findIndex(({ id }) => id === before);
  const start = Math.max(0, end - MESSAGES);
  return { messages: all.slice(start, Math.max(end, 0)), more: start > 0 };
}

/** The bodies of a logged request, or the data of a logged event. */
export function traceDetail(world: World, query: URLSearchParams): JsonObject {
  const [kind, number] = query.has('request') ? ['request', query.get('request')] : ['event', query.get('event')];
  const found = kind === 'request' ? world.log.get(Number(number)) : world.events.get(Number(number));
  if (found === undefined) throw new ControlError(404, `the ${kind} ${number} is no longer kept`);
  if (!('data' in found)) return { ...found };
  // An interaction's token answers in the application's name: it is for the application alone.
  const data = isObject(found.data) && 'token' in found.data ? { ...found.data, token: '…' } : found.data;
  return { data };
}
