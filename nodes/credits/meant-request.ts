import { requestId } from '../../core/credits/index.ts';
import type { Message } from '../kit/index.ts';

/**
 * The request that a credit node works on: the one its setting names, or behind an event, where there is no button,
 * the one that the event is about.
 * @returns its id, or 0, which no request has
 */
export function meantRequest(named: unknown, msg: Message): number {
  const { request } = (msg.payload ?? {}) as { request?: { id?: unknown } };
  return requestId(named ?? request?.id);
}
