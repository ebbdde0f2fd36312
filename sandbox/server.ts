import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { DiscordError, refusal } from './api/errors.ts';
import { readMultipart } from './api/multipart.ts';
import type { UploadedFile } from './api/route.ts';
import { Router } from './api/router.ts';
import { serveApi } from './api/serve.ts';
import { ControlError } from './control/errors.ts';
import { streamChanges } from './control/live.ts';
import { CONTROL_ROUTES } from './control/routes.ts';
import { contentType, readBody, refuseForeign, sendJson, sendText, TooLarge } from './http.ts';
import { isObject, parseJson } from './json.ts';
import { serveAuthorize } from './oauth2/authorize.ts';
import type { World } from './world.ts';

const control = new Router(CONTROL_ROUTES);
const API = /^\/api(?:\/v(\d+))?(?=\/)/;

/** The HTTP server over a world that is there once the server listens. */
export function createHttpServer(world: () => World | undefined, hosts: () => ReadonlySet<string>): Server {
  const server = createServer((request, response) => {
    serve(world(), hosts(), request, response).catch((error: unknown) => {
      if (error instanceof TooLarge) {
        return sendJson(response, 413, { error: 'the body is too large' }, { connection: 'close' });
      }
      if (!request.destroyed) console.error('sandbox:', error);
      sendJson(response, 500, { error: 'the sandbox failed' });
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0] ?? '';
    const current = world();
    if (
      current === undefined ||
      !/^\/gateway\/?$/.test(path) ||
      refuseForeign(request, { hosts: hosts() }) !== undefined
    ) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    current.gateway.accept(request, socket, head);
  });
  return server;
}

async function serve(
  world: World | undefined,
  hosts: ReadonlySet<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (world === undefined) return sendJson(response, 503, { error: 'the sandbox is starting' });
  const foreign = refuseForeign(request, { hosts });
  if (foreign !== undefined) return sendJson(response, 403, { error: foreign });
  const url = URL.parse(request.url ?? '/', 'http://sandbox');
  if (url === null) return sendJson(response, 400, { error: 'no valid path' });
  const version = API.exec(url.pathname);
  const consents = url.pathname.slice(version?.[0].length ?? 0) === '/oauth2/authorize';
  if (consents && (request.method === 'GET' || request.method === 'POST')) {
    return serveAuthorize(world, url, request, response);
  }
  if (version !== null) return serveRest(world, url, version, request, response);
  if (request.method === 'GET' && url.pathname === '/sandbox/events') return streamChanges(world, response);
  if (url.pathname.startsWith('/sandbox/')) return serveControl(world, url, request, response);
  const file = PAGE[url.pathname];
  if (request.method === 'GET' && file !== undefined) return sendPage(file, response);
  const attachment = /^\/attachments\/(\d+)\/[^/]+$/.exec(url.pathname)?.[1];
  if (request.method === 'GET' && attachment !== undefined) return sendAttachment(world, attachment, response);
  sendJson(response, 404, { error: 'nothing here' });
}

async function serveRest(
  world: World,
  url: URL,
  version: RegExpExecArray,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bytes = await readBody(request).catch((error: unknown) => {
    if (error instanceof TooLarge) return undefined;
    throw error;
  });
  if (bytes === undefined) {
    sendJson(response, 413, refusal(40005).body(), { connection: 'close' });
    return;
  }
  let text = bytes.toString('utf8');
  const form = contentType(request) === 'application/x-www-form-urlencoded' ? new URLSearchParams(text) : undefined;
  let files: UploadedFile[] = [];
  let body: unknown;
  let broken = false;
  try {
    if (contentType(request) === 'multipart/form-data') {
      const upload = await readMultipart(bytes, request.headers['content-type'] ?? '');
      text = upload.json;
      files = upload.files;
    }
    if (text !== '' && form === undefined) body = parseJson(text);
  } catch {
    broken = true;
  }
  const answer = await serveApi(world, {
    method: request.method ?? 'GET',
    path: decodePath(url.pathname.slice(version[0].length)),
    query: url.searchParams,
    authorization: request.headers.authorization,
    reason: reasonOf(request),
    body,
    broken,
    form,
    files,
    bytes: bytes.length,
  });
  world.store.flush();
  if (answer.hang) return;
  sendText(response, answer.status, answer.text, answer.headers);
}

/** Why something is done, for the audit log: text with percent signs (docs: resources/audit-log). */
function reasonOf(request: IncomingMessage): string | null {
  const reason = request.headers['x-audit-log-reason'];
  return typeof reason === 'string' ? decodePath(reason) : null;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function serveControl(world: World, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? 'GET';
  const found = control.match(method, url.pathname);
  if (!('route' in found)) {
    const status = found.otherMethods ? 405 : 404;
    return sendJson(response, status, { error: `there is no ${method} ${url.pathname}` });
  }
  let body: unknown = {};
  if (method === 'POST') {
    if (contentType(request) !== 'application/json') {
      return sendJson(response, 415, { error: 'send Content-Type: application/json' });
    }
    try {
      body = parseJson((await readBody(request, found.route.limit)).toString('utf8'));
    } catch (error) {
      if (error instanceof TooLarge) throw error;
      return sendJson(response, 400, { error: 'the body is no valid JSON' });
    }
    if (!isObject(body)) return sendJson(response, 400, { error: 'the body must be a JSON object' });
  }
  const call = { world, body: isObject(body) ? body : {}, query: url.searchParams };
  try {
    const answer = await found.route.run(call);
    world.store.flush();
    sendJson(response, 200, answer);
  } catch (error) {
    if (error instanceof ControlError) return sendJson(response, error.status, { error: error.message });
    if (error instanceof DiscordError)
      return sendJson(response, error.status, { error: error.message, ...error.body() });
    throw error;
  }
}

const SHOWN_TYPES = /^image\/(png|jpeg|gif|webp|avif)$/;

/** An uploaded file; anything but a plain image is only offered for download. */
function sendAttachment(world: World, id: string, response: ServerResponse): void {
  const content = world.files.read(id);
  if (content === undefined) {
    sendJson(response, 404, { error: 'there is no such file' });
    return;
  }
  const type = world.store
    .all('messages')
    .flatMap(({ attachments }) => attachments)
    .find((known) => known.id === id)?.content_type;
  const shown = typeof type === 'string' && SHOWN_TYPES.test(type);
  response.writeHead(200, {
    'content-type': shown ? type : 'application/octet-stream',
    'content-disposition': shown ? 'inline' : 'attachment',
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'content-length': content.length,
  });
  response.end(content);
}

/** The page's files as the build made them: beside this file, or in `dist` where this runs from source. */
const PAGE: Record<string, { name: string; type: string }> = {
  '/': { name: 'index.html', type: 'text/html' },
  '/page.js': { name: 'page.js', type: 'text/javascript' },
  '/page.css': { name: 'page.css', type: 'text/css' },
};
const PAGE_FOLDERS = ['./page/', '../dist/sandbox/page/'].map((folder) => new URL(folder, import.meta.url));

function sendPage({ name, type }: { name: string; type: string }, response: ServerResponse): void {
  const folder = PAGE_FOLDERS.find((candidate) => existsSync(new URL('page.js', candidate)));
  if (folder === undefined) {
    sendJson(response, 503, { error: 'the page is not built: run npm run build' });
    return;
  }
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy':
      "default-src 'self'; img-src 'self' data: https:; base-uri 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(readFileSync(new URL(name, folder)));
}
