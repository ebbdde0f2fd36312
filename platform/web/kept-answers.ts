import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, validateHeaderValue } from 'node:http';
import { hasAlready } from './etag.ts';
import { PUBLIC_HEADERS } from './headers.ts';
import { createMakers, type Making } from './makers.ts';

/** An answer that is the same for everybody. */
export interface PublicAnswer {
  status: number;
  type: string;
  body: Uint8Array;
  /** Strong, of the body's bytes. */
  etag: string;
}

/**
 * Answers to public GETs as ready bytes, until what they show changes: a flow makes each once, and whoever asks for the
 * same address afterwards gets it without the flow.
 */
export interface KeptAnswers {
  /**
   * Answers a GET or HEAD from what is kept: 304 where the reader has it already. Requests with a sign-in (Authorization
   * or Cookie) or that ask for an answer made anew (`Cache-Control: no-cache` without `If-None-Match`) are not served.
   * While one request makes an answer that was kept before, others for that address wait for it.
   * @param otherwise called where there is nothing to answer with; what it answers may then be kept
   */
  serve(request: IncomingMessage, response: ServerResponse, otherwise: () => void): void;
  /**
   * Keeps the answer to a request that `serve` let through, unless its topic changed since, or the request carried a
   * sign-in. Only a 200 to a GET is kept. Call it before the answer is given.
   * @param topic what the answer shows, such as `boards/<community>`
   * @throws TypeError where type or ETag cannot be a header
   */
  keep(topic: string, request: IncomingMessage, answer: PublicAnswer): void;
  /** What shows this topic is no longer true. Call it once the change can be seen by whoever looks. */
  forget(topic: string): void;
  /** Nothing is true any more: other flows answer from now on. */
  forgetAll(): void;
}

interface Ready {
  body: Buffer;
  etag: string;
  headers: string[];
  /** Headers of a 304. */
  unchanged: string[];
}

interface Kept extends Ready {
  topic: string;
  /** What it takes of the memory that is set aside. */
  size: number;
}

/** A request that a flow answers. */
interface Beginning {
  address: string;
  /** How many changes there had been. */
  at: number;
  making: Making<Ready> | null;
}

interface Limits {
  answers?: number;
  bytes?: number;
  patience?: number;
}

/** Beyond either, the answer that was asked for least recently goes: addresses have parameters, so there is no end of them. */
const MOST_ANSWERS = 2000;
const MOST_BYTES = 64 * 1024 * 1024;
/** What an answer takes besides its body and its address: headers and places in the tables. */
const OVERHEAD_BYTES = 1024;
/** Addresses of this many characters are nobody's. */
const LONGEST_ADDRESS = 2000;
/** How long others wait for one who makes an answer; flows that take longer get all of them. */
const PATIENCE_MILLISECONDS = 1000;

const SECURITY = Object.entries(PUBLIC_HEADERS).flat();

/** Keeps nothing at first. */
export function createKeptAnswers({
  answers = MOST_ANSWERS,
  bytes = MOST_BYTES,
  patience = PATIENCE_MILLISECONDS,
}: Limits = {}): KeptAnswers {
  /** By address, the one that was asked for least recently first. */
  const kept = new Map<string, Kept>();
  const addresses = new Map<string, Set<string>>();
  let keptBytes = 0;
  /** Counts changes; each topic remembers its last one. */
  let changes = 0;
  let allChanged = 0;
  const changed = new Map<string, number>();
  const begun = new WeakMap<IncomingMessage, Beginning>();
  /** Addresses whose answers flows hand over to be kept, the newest last. */
  const keepable = new Set<string>();
  const makers = createMakers<Ready>(patience);

  const drop = (address: string): void => {
    const known = kept.get(address);
    if (!known) return;
    kept.delete(address);
    keptBytes -= known.size;
    const others = addresses.get(known.topic);
    others?.delete(address);
    if (others?.size === 0) addresses.delete(known.topic);
  };

  const store = (address: string, answer: Kept): void => {
    drop(address);
    if (answer.size > bytes) return;
    kept.set(address, answer);
    keptBytes += answer.size;
    const others = addresses.get(answer.topic) ?? new Set();
    addresses.set(answer.topic, others.add(address));
    for (const oldest of kept.keys()) {
      if (kept.size <= answers && keptBytes <= bytes) break;
      drop(oldest);
    }
  };

  return {
    serve: (request, response, otherwise) => {
      const { method, headers, url: address = '' } = request;
      const isRead = method === 'GET' || method === 'HEAD';
      if (!isRead || headers.authorization !== undefined || headers.cookie !== undefined) return otherwise();
      const make = (making: Making<Ready> | null): void => {
        if (method === 'GET') begun.set(request, { address, at: changes, making });
        otherwise();
      };
      if (asksAnew(headers)) return make(null);
      const known = kept.get(address);
      if (known) {
        kept.delete(address);
        kept.set(address, known);
        return give(known, request, response);
      }
      const waits = makers.wait(address, changes, (made) => {
        if (response.destroyed) return;
        if (made) give(made, request, response);
        else make(null);
      });
      if (!waits) make(method === 'GET' && keepable.has(address) ? makers.begin(address, changes, response) : null);
    },
    keep: (topic, request, answer) => {
      const beginning = begun.get(request);
      if (!beginning || answer.status !== 200 || beginning.address.length > LONGEST_ADDRESS) return;
      const { address, at, making } = beginning;
      const ready = readied(answer);
      // Who waits began when nothing had changed since this did.
      making?.made(ready);
      keepable.delete(address);
      for (const oldest of keepable.add(address)) {
        if (keepable.size <= answers) break;
        keepable.delete(oldest);
      }
      if (at < Math.max(allChanged, changed.get(topic) ?? 0)) return;
      store(address, { ...ready, topic, size: ready.body.length + address.length + OVERHEAD_BYTES });
    },
    forget: (topic) => {
      changes += 1;
      changed.set(topic, changes);
      for (const address of addresses.get(topic) ?? []) drop(address);
    },
    forgetAll: () => {
      changes += 1;
      allChanged = changes;
      changed.clear();
      kept.clear();
      addresses.clear();
      keepable.clear();
      keptBytes = 0;
    },
  };
}

/** @throws TypeError where type or ETag cannot be a header */
function readied({ type, body: given, etag }: PublicAnswer): Ready {
  validateHeaderValue('Content-Type', type);
  validateHeaderValue('ETag', etag);
  // A copy of its own: what the flow does with its bytes later changes nothing here, and none holds a larger slab.
  const body = Buffer.allocUnsafeSlow(given.length);
  body.set(given);
  // Browsers may keep it, too, and ask each time whether it still is so.
  const unchanged = ['ETag', etag, 'Cache-Control', 'no-cache', ...SECURITY];
  const headers = ['Content-Type', type, 'Content-Length', String(body.length), ...unchanged];
  return { body, etag, headers, unchanged };
}

function give({ body, etag, headers, unchanged }: Ready, request: IncomingMessage, response: ServerResponse): void {
  if (hasAlready(request.headers['if-none-match'], etag)) response.writeHead(304, unchanged).end();
  else response.writeHead(200, headers).end(body);
}

/**
 * A browser that reloads with force asks so. The `fetch` of browsers and of Node asks so, too, with every If-None-Match
 * (Fetch standard, HTTP-network-or-cache fetch): there only what the reader has already is in question.
 */
const asksAnew = ({ 'cache-control': control, 'if-none-match': known }: IncomingHttpHeaders): boolean =>
  control !== undefined && known === undefined && /\bno-(cache|store)\b/i.test(control);
