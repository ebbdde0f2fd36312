import type { IncomingMessage, ServerResponse } from 'node:http';

/** The largest body that is read. */
const BODY_LIMIT = 1024 * 1024;
/** The largest multipart body, which may carry files (docs: reference, "Uploading Files"). */
const UPLOAD_LIMIT = 25 * 1024 * 1024;

export class TooLarge extends Error {}

/** Reads a whole body, or throws `TooLarge`. */
export async function readBody(
  request: IncomingMessage,
  limit = contentType(request) === 'multipart/form-data' ? UPLOAD_LIMIT : BODY_LIMIT,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new TooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > limit) throw new TooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The media type of a request, without its parameters. */
export function contentType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Sends JSON; a 204 has neither body nor content-type. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  sendText(response, status, JSON.stringify(body ?? null), headers);
}

/** Sends JSON that is a text already. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  if (status === 204 || status === 202) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': bytes.length });
  response.end(bytes);
}

/** What must be so before a request is looked at. */
export interface Guard {
  /** The names under which this server may be addressed, such as `127.0.0.1:1881`. */
  hosts: ReadonlySet<string>;
}

/**
 * Refuses what a web page elsewhere could send: a foreign Host (a rebound name), a foreign Origin, a cross-site fetch.
 * Following a link here is allowed. Returns the reason, or undefined.
 */
export function refuseForeign(request: IncomingMessage, { hosts }: Guard): string | undefined {
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.has(host.toLowerCase())) return 'this Host is not served here';
  if (origin !== undefined && ![...hosts].some((known) => origin.toLowerCase() === `http://${known}`)) {
    return 'requests from other origins are refused';
  }
  const link = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  if (request.headers['sec-fetch-site'] === 'cross-site' && !link) return 'requests from other sites are refused';
  return undefined;
}

/** The names of a server on the loopback interface. */
export function loopbackHosts(port: number): Set<string> {
  return new Set(['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`));
}
