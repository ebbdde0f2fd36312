import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { World } from '../world.ts';

/** What an application's own server answered. */
export interface EndpointAnswer {
  status: number;
  /** The media type with its parameters. */
  type: string;
  body: Buffer;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const LARGEST = 25 * 1024 * 1024;

/** True for an http(s) address on this machine: an offline Discord sends nothing anywhere else. */
export function isLoopback(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK.has(url.hostname);
}

/**
 * Posts JSON as Discord does: signed with the application's Ed25519 key over timestamp and body
 * (docs: interactions/overview, "Setting Up an Endpoint"), or with a signature that fits nothing.
 * @throws Error when there is no answer within `ms`
 */
export async function postSigned(
  world: World,
  url: string,
  payload: unknown,
  { valid = true, ms }: { valid?: boolean; ms: number },
): Promise<EndpointAnswer> {
  if (!isLoopback(url)) throw new Error('the sandbox sends only to this machine');
  const body = JSON.stringify(payload);
  const stamp = String(Math.floor(world.clock.now() / 1000));
  const key = createPrivateKey({
    key: Buffer.from(world.application.privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  });
  const signature = valid ? sign(null, Buffer.from(stamp + body), key) : randomBytes(64);
  const late = new AbortController();
  const cancel = world.clock.after(ms, () => late.abort(new Error('there was no answer in time')));
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Discord-Interactions/1.0 (+https://discord.com)',
        'x-signature-ed25519': signature.toString('hex'),
        'x-signature-timestamp': stamp,
      },
      body,
      redirect: 'manual',
      signal: late.signal,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > LARGEST) throw new Error('the answer is too large');
      chunks.push(Buffer.from(chunk));
    }
    return { status: response.status, type: response.headers.get('content-type') ?? '', body: Buffer.concat(chunks) };
  } finally {
    cancel();
  }
}

/** What went wrong with a request, in a sentence. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
