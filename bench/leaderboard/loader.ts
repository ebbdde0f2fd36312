import { connect, type Socket } from 'node:net';
import { percentiles, round } from '../figures.ts';
import { answerTasks } from '../worker.ts';

/** What a server did. Milliseconds are from a request to the last byte of its answer. */
export interface Answered {
  aSecond: number;
  failed: number;
  p50: number;
  p95: number;
  p975: number;
  max: number;
}

const LENGTH = /\r\ncontent-length: (\d+)/i;

/** What is read of an answer: enough to know whether it is one and where it ends, so that the loader takes little itself. */
class Answer {
  #left = 0;
  #isGood = false;

  /** @returns whether the answer is complete; what came with it belongs to no other, as nobody asks before */
  take(bytes: Buffer): boolean {
    if (this.#left > 0) {
      this.#left -= bytes.length;
    } else {
      const end = bytes.indexOf('\r\n\r\n');
      const head = bytes.toString('latin1', 0, Math.max(0, end));
      this.#isGood = head.startsWith('HTTP/1.1 200 ');
      this.#left = Number(LENGTH.exec(head)?.[1] ?? Number.NaN) + end + 4 - bytes.length;
    }
    return !(this.#left > 0);
  }

  get isGood(): boolean {
    return this.#isGood && this.#left === 0;
  }
}

/** Asks for one address over and over by so many connections, each again as soon as it has its answer. */
async function load(
  port: number,
  path: string,
  headers: Record<string, string>,
  connections: number,
  seconds: number,
): Promise<Answered> {
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const request = Buffer.from([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  const took: number[] = [];
  let failed = 0;
  let isOver = false;
  const one = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const answer = new Answer();
      let begun = 0;
      const ask = () => {
        begun = performance.now();
        socket.write(request);
      };
      socket.on('connect', ask);
      socket.on('error', reject);
      socket.on('close', () => resolve(socket));
      socket.on('data', (bytes) => {
        if (!answer.take(bytes)) return;
        if (answer.isGood) took.push(performance.now() - begun);
        else failed += 1;
        if (isOver) socket.destroy();
        else ask();
      });
    });
  const begun = performance.now();
  const sockets = Array.from({ length: connections }, one);
  setTimeout(() => {
    isOver = true;
  }, seconds * 1000);
  await Promise.all(sockets);
  const at = percentiles(took);
  return {
    aSecond: Math.round(took.length / ((performance.now() - begun) / 1000)),
    failed,
    p50: round(at(0.5)),
    p95: round(at(0.95)),
    p975: round(at(0.975)),
    max: round(at(1)),
  };
}

answerTasks({ load });
