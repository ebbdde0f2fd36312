import { type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import { until } from './guildhall.ts';

export interface ServerSentEvent {
  id: string;
  event: string;
  data: unknown;
}

/** Reads a stream of server-sent events as a browser does, and shows all that came. */
export class EventReader {
  status = 0;
  headers: IncomingHttpHeaders = {};
  events: ServerSentEvent[] = [];
  comments = 0;
  retry = 0;
  /** The id that a browser would send when it comes back. */
  lastId = '';
  /** What came where it was no stream. */
  text = '';
  ended = false;
  private readonly asked: ClientRequest;

  private constructor(port: number, path: string, headers: Record<string, string>) {
    this.asked = request({ host: '127.0.0.1', port, path, headers, agent: false });
    this.asked.on('error', () => {
      this.ended = true;
    });
    this.asked.on('response', (response) => {
      this.status = response.statusCode ?? 0;
      this.headers = response.headers;
      response.setEncoding('utf8').on('data', (chunk: string) => this.take(chunk));
      response.on('error', () => {});
      response.on('close', () => {
        this.ended = true;
      });
    });
    this.asked.end();
  }

  /** Opens a stream and waits for its first words, or for its refusal. */
  static async open(port: number, path = '/', headers: Record<string, string> = {}): Promise<EventReader> {
    const reader = new EventReader(port, path, headers);
    await until('the stream', async () => reader.lastId || (reader.status !== 200 && reader.ended));
    return reader;
  }

  /** Waits for so many events. */
  async heard(count: number): Promise<ServerSentEvent[]> {
    await until(`${count} events`, async () => this.events.length >= count);
    return this.events;
  }

  close(): void {
    this.asked.destroy();
  }

  private take(chunk: string): void {
    this.text += chunk;
    for (let end = this.text.indexOf('\n\n'); end >= 0; end = this.text.indexOf('\n\n')) {
      const block = this.text.slice(0, end).split('\n');
      this.text = this.text.slice(end + 2);
      const field = (name: string) => block.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      this.comments += block.filter((line) => line.startsWith(':')).length;
      this.retry = Number(field('retry') ?? this.retry);
      this.lastId = field('id') ?? this.lastId;
      const data = field('data');
      if (data !== undefined) {
        this.events.push({ id: this.lastId, event: field('event') ?? 'message', data: JSON.parse(data) });
      }
    }
  }
}
