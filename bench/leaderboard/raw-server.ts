import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerTasks } from '../worker.ts';

/** A bare `node:http` server that sends the same bytes to everybody. @returns its port */
function serve(headers: string[], body: Uint8Array): Promise<number> {
  const bytes = Buffer.from(body);
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end(bytes);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

answerTasks({ serve });
