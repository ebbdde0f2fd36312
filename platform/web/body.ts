import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, sendProblem, writeProblem } from './problem.ts';

/** No path takes more. */
export const MOST_BYTES = 4096 * 1024;

/** `application/json` and what is written in it, such as `application/merge-patch+json` (RFC 6839). */
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;
/** JSON that people have a use for is flatter by far; what walks through a value must not run out of stack. */
const DEEPEST = 32;
/** What every object has of its own: a value under such a name changes what it is taken for. */
const UNSAFE_KEYS = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/**
 * Reads a request's body, which must be JSON, as far as the limit goes and no further.
 * @returns the value (an empty object where there is no body), or why it is none
 */
export async function readJson(
  request: IncomingMessage,
  mostBytes: number,
): Promise<{ body: unknown } | { problem: Problem }> {
  const { headers } = request;
  const declared = Number(headers['content-length'] ?? 0);
  if (declared > mostBytes) return { problem: tooLarge(mostBytes) };
  if (!hasBody(request)) return { body: {} };
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!JSON_TYPE.test(headers['content-type'] ?? '') || encoding !== 'identity') return { problem: NO_JSON_TYPE };
  const bytes = await collect(request, mostBytes);
  if (bytes === 'too large') return { problem: tooLarge(mostBytes) };
  if (bytes === 'cut off' || !isUtf8(bytes)) return { problem: notJson('the bytes are not UTF-8') };
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    const problem = harmOf(body);
    return problem ? { problem } : { body };
  } catch (error) {
    // The parser's own sentence repeats what was sent.
    const [place = 'it ends too early'] = /at position \d+/.exec((error as Error).message) ?? [];
    return { problem: notJson(place) };
  }
}

/** What is wrong with a value from outside whatever it means: nested too deeply, or with keys that are traps. */
export function harmOf(value: unknown, depth = 0): Problem | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= DEEPEST) {
    return { status: 400, code: 'too-deep', detail: `Objects and lists may lie ${DEEPEST} deep in each other.` };
  }
  for (const key of Object.keys(value)) {
    if (!Array.isArray(value) && UNSAFE_KEYS.has(key)) {
      return { status: 400, code: 'unsafe-key', detail: `“${key}” cannot be the name of a property.` };
    }
    const problem = harmOf((value as Record<string, unknown>)[key], depth + 1);
    if (problem) return problem;
  }
  return null;
}

const NO_JSON_TYPE: Problem = {
  status: 415,
  code: 'not-json',
  detail: 'Send JSON in UTF-8, not compressed, with Content-Type: application/json.',
};

const notJson = (place: string): Problem => ({
  status: 400,
  code: 'broken-json',
  detail: `The body is not JSON: ${place}.`,
});

const tooLarge = (most: number): Problem => ({
  status: 413,
  code: 'too-large',
  detail: `This path takes bodies of up to ${most} bytes. Send less at a time.`,
});

function collect(request: IncomingMessage, mostBytes: number): Promise<Buffer | 'too large' | 'cut off'> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const settle = (result: Buffer | 'too large' | 'cut off') => {
      request.off('data', add);
      resolve(result);
    };
    const add = (piece: Buffer) => {
      length += piece.length;
      if (length > mostBytes) settle('too large');
      else pieces.push(piece);
    };
    request.on('data', add);
    request.once('end', () => settle(Buffer.concat(pieces)));
    request.once('close', () => settle('cut off'));
  });
}

/** So much more of a refused body is taken off the line, so that its sender comes to read the answer. */
const LINGER_BYTES = 16 * 1024 * 1024;
const LINGER_MILLISECONDS = 2000;

/**
 * Refuses a request whose body may still be under way. The rest runs off for a while, and who does not end is hung up on:
 * so the connection takes no further request, which its sender is told (RFC 9112, section 9.6). An answer that was given
 * before stays.
 */
export function refuseRequest(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  const isUnderWay = hasBody(request) && !request.complete;
  if (isUnderWay) runOff(request);
  if (response.headersSent) return;
  if (isUnderWay) {
    // Node closes the connection as soon as such an answer ends, and what was not read by then takes the answer with it.
    writeProblem(response, { ...problem, headers: { ...problem.headers, Connection: 'close' } });
    request.once('end', () => response.end());
  } else sendProblem(response, problem);
}

/** As its headers say (RFC 9112, section 6). */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function runOff(request: IncomingMessage): void {
  let left = LINGER_BYTES;
  const hangUp = setTimeout(() => request.destroy(), LINGER_MILLISECONDS).unref();
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) request.destroy();
  });
  request.once('close', () => clearTimeout(hangUp));
}
