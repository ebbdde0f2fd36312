import type { Database } from '../platform/database/index.ts';
import type { CommunityEvent } from '../platform/events.ts';
import { boardEvents } from './boards/index.ts';
import { creditEvents } from './credits/index.ts';

const EVENTS = { ...creditEvents, ...boardEvents };

/** Every kind of event that the areas write. */
export const EVENT_TYPES: string[] = Object.keys(EVENTS);

/** What a message about this event carries: the facts as they stand now. */
export async function describeEvent(database: Database, event: CommunityEvent): Promise<object> {
  return (await EVENTS[event.type]?.(database, event)) ?? event.payload;
}
