import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { wait } from '../../platform/clock.ts';
import { createLiveFeed } from '../../platform/web/live-feed.ts';

/** What a turn of a server came to. */
export interface Broadcast {
  /** When it began, in nanoseconds of the machine's clock. */
  begun: string;
  /** For how long nothing else had its turn, in milliseconds. */
  blockMs: number;
  processorMs: number;
  memoryMb: number;
}

/** A server of streams in a process of its own: `feed` is Guildhall's live feed, `bare` a loop over all responses. */
const KINDS = { feed, bare };

const [kind, rows] = process.argv.slice(2);
/** What a board tells at once, some 90 bytes each. */
const ROWS = Array.from({ length: Number(rows) }, (_, index) => ({
  rank: index + 1,
  delta: index - 5,
  score: 1_000_000 - index,
  player: { id: `player-${index}`, name: `Somebody ${index}`, region: 'north', company: 'company' },
}));
/** Long enough for the last viewer of a slow machine. */
const AFTERMATH_MILLISECONDS = 700;

function feed() {
  const live = createLiveFeed({ clock: Math, addressOf: () => null });
  const server = createServer((request, response) => {
    live.view(request, response, { community: 'bench', topic: null });
  });
  return { server, send: (number: number) => live.send('bench', 'changes', { number, rows: ROWS }) };
}

function bare() {
  const responses = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    responses.add(response);
    response.on('close', () => responses.delete(response));
  });
  const send = (number: number) => {
    const data = JSON.stringify({ number, rows: ROWS });
    for (const response of responses) response.write(`id: ${number}\nevent: changes\ndata: ${data}\n\n`);
  };
  return { server, send };
}

async function broadcast(send: () => void): Promise<Broadcast> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Its first measurement is none: it needs one to count from.
  await wait(20);
  delay.reset();
  await wait(20);
  const before = process.cpuUsage();
  const begun = String(process.hrtime.bigint());
  send();
  await wait(AFTERMATH_MILLISECONDS);
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  const memoryMb = process.memoryUsage.rss() / 1024 ** 2;
  return { begun, blockMs: delay.max / 1e6, processorMs: (user + system) / 1000, memoryMb };
}

const { server, send } = KINDS[kind as keyof typeof KINDS]();
process.on('message', async (number: number) => process.send?.(await broadcast(() => send(number))));
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
