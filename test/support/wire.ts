import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP connection to a server that can be cut and slowed down. */
export class Wire {
  /** How long each piece takes, in milliseconds. */
  delay = 0;
  private readonly target: URL;
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port = 0;

  private constructor(target: URL) {
    this.target = target;
  }

  static async to(address: string): Promise<Wire> {
    const wire = new Wire(new URL(address));
    await wire.mend();
    return wire;
  }

  /** The address of the server through this wire. */
  get address(): string {
    const address = new URL(this.target);
    address.host = `127.0.0.1:${this.port}`;
    return address.href;
  }

  /** Ends every connection and refuses new ones. */
  async cut(): Promise<void> {
    const closed = new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Takes connections, again on the same port. */
  async mend(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(this.target.port), this.target.hostname);
      this.carry(near, far);
      this.carry(far, near);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as { port: number }).port;
    this.server = server;
  }

  private carry(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('error', () => {});
    from.on('data', (piece) => {
      if (this.delay === 0) to.write(piece);
      else setTimeout(() => to.destroyed || to.write(piece), this.delay);
    });
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
