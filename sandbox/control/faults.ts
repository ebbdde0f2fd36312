import { Listeners } from '../listeners.ts';

/** A way for REST requests to go wrong. */
export interface RouteFault {
  /** Method and pattern, such as `PUT /guilds/:guild/members/:user/roles/:role`; undefined means every route. */
  route?: string | undefined;
  status?: number | undefined;
  code?: number | undefined;
  /** Seconds; answers 429. */
  retryAfter?: number | undefined;
  delayMs?: number | undefined;
  /** Never answers. */
  hang?: boolean | undefined;
  /** How many requests it strikes; undefined means all. */
  times?: number | undefined;
  /** True lets the request take effect first: only its answer is lost. */
  after?: boolean | undefined;
}

interface Active {
  id: string;
  fault: RouteFault;
  shape: string | undefined;
  left: number;
}

/** The faults of REST routes that were asked for, oldest first. */
export class Faults {
  readonly listeners = new Listeners();
  #faults: Active[] = [];
  #last = 0;

  /** Adds a fault and returns it with its id. */
  add(fault: RouteFault): RouteFault & { id: string } {
    const shape = fault.route === undefined ? undefined : shapeOf(fault.route);
    this.#last++;
    const id = `route-${this.#last}`;
    this.#set([...this.#faults, { id, fault, shape, left: fault.times ?? Number.POSITIVE_INFINITY }]);
    return { id, ...fault };
  }

  /** The fault that strikes a request now, if any; it is used up by one. */
  strike(method: string, route: string): RouteFault | undefined {
    const shape = shapeOf(`${method} ${route}`);
    const found = this.#faults.find((known) => known.left > 0 && (known.shape === undefined || known.shape === shape));
    if (found === undefined) return undefined;
    found.left--;
    if (found.left === 0) this.#set(this.#faults.filter((known) => known !== found));
    return found.fault;
  }

  list(): (RouteFault & { id: string })[] {
    return this.#faults.map(({ id, fault, left }) => ({ id, ...fault, ...(Number.isFinite(left) && { times: left }) }));
  }

  remove(id: string): void {
    this.#set(this.#faults.filter((known) => known.id !== id));
  }

  #set(faults: Active[]): void {
    this.#faults = faults;
    this.listeners.tell();
  }
}

/** A route without the names of its parameters: only their places count. */
export function shapeOf(route: string): string {
  return route
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/:[A-Za-z_]+/g, ':');
}
