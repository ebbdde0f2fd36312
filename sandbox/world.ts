import type { RateLimits } from './api/limits.ts';
import type { Clock } from './clock.ts';
import type { Faults } from './control/faults.ts';
import type { RequestLog } from './control/log.ts';
import type { Endpoint } from './endpoint/interactions.ts';
import type { EventLog } from './gateway/event-log.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { FileStore } from './state/files.ts';
import type { Application, User } from './state/model.ts';
import type { Store } from './state/store.ts';

/** All that a route or an event needs of the running sandbox. */
export interface World {
  readonly store: Store;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly speed: number;
  readonly newId: () => string;
  readonly application: Application;
  readonly bot: User;
  readonly gateway: Gateway;
  readonly endpoint: Endpoint;
  readonly faults: Faults;
  readonly limits: RateLimits;
  readonly log: RequestLog;
  readonly events: EventLog;
  /** Where it listens, such as `127.0.0.1:1881`. */
  readonly host: string;
}

/** A duration of Discord's, as long as it lasts here. */
export function scaled(world: Pick<World, 'speed'>, ms: number): number {
  return ms / world.speed;
}

/** The time now as Discord writes timestamps. */
export function timestamp(world: Pick<World, 'clock'>): string {
  return new Date(world.clock.now()).toISOString();
}
