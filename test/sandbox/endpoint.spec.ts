import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bench, eventually, ForwardClock, modalWith, slash } from './kit.ts';

interface Delivered {
  type: number;
  id: string;
  token: string;
  data: { name?: string };
}
interface Reply {
  status: number;
  body?: unknown;
  type?: string;
  /** Answers only once this is done. */
  after?: Promise<unknown>;
}

/** An application's own server, which checks signatures as Discord wants it. */
class Application {
  readonly delivered: Delivered[] = [];
  readonly #server: Server;
  publicKey = '';
  /** False lets every signature pass. */
  checks = true;
  refused = 0;
  pong: Reply = { status: 200, body: { type: 1 } };
  reply: (interaction: Delivered) => Reply = () => ({ status: 200, body: { type: 4, data: { content: 'posted' } } });

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      if (this.checks && !this.#signed(request.headers, body)) {
        this.refused++;
        response.writeHead(401).end();
        return;
      }
      const interaction = JSON.parse(body.toString('utf8')) as Delivered;
      if (interaction.type !== 1) this.delivered.push(interaction);
      const {
        status,
        body: answer,
        type = 'application/json',
        after,
      } = interaction.type === 1 ? this.pong : this.reply(interaction);
      await after;
      response.writeHead(status, { 'content-type': type });
      response.end(answer === undefined ? '' : JSON.stringify(answer));
    });
  }

  static async start(): Promise<Application> {
    const application = new Application();
    await new Promise<void>((resolve) => application.#server.listen(0, '127.0.0.1', resolve));
    return application;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/interactions`;
  }

  #signed(headers: NodeJS.Dict<string | string[]>, body: Buffer): boolean {
    const prefix = Buffer.from('302a300506032b6570032100', 'hex');
    const key = createPublicKey({
      key: Buffer.concat([prefix, Buffer.from(this.publicKey, 'hex')]),
      format: 'der',
      type: 'spki',
    });
    const signed = Buffer.concat([Buffer.from(String(headers['x-signature-timestamp'])), body]);
    return verify(null, signed, key, Buffer.from(String(headers['x-signature-ed25519']), 'hex'));
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe('sandbox: interactions over HTTP', () => {
  const clock = new ForwardClock();
  let bench: Bench;
  let application: Application;
  const overGateway: string[] = [];
  before(async () => {
    bench = await Bench.start({ clock });
    application = await Application.start();
    application.publicKey = bench.sandbox.application.publicKey;
    const client = await bench.login();
    client.on('interactionCreate', async (interaction) => {
      overGateway.push(interaction.id);
      if (interaction.isRepliable()) await interaction.reply('over the gateway');
    });
    const option = { type: 3, name: 'text', description: 'A text', autocomplete: true };
    await bench.register([slash('x', [option])]);
  });
  after(async () => {
    application.stop();
    await bench.stop();
  });

  const set = (url: string | null) => bench.rest('PATCH', '/applications/@me', { interactions_endpoint_url: url });
  const refuses = async (why: RegExp, url = application.url) => {
    const { status, body } = await set(url);
    assert.deepEqual([status, body.code], [400, 50035]);
    assert.match(JSON.stringify(body.errors), /could not be verified/);
    assert.match(JSON.stringify(body.errors), why);
    assert.equal((await bench.rest('GET', '/applications/@me')).body.interactions_endpoint_url, null);
  };

  it('takes only an endpoint that answers a PING and refuses a bad signature', async () => {
    await refuses(/only to this machine/, 'https://example.com/interactions');
    await refuses(/only to this machine/, 'http://127.0.0.1.example.com/');
    await refuses(/did not answer/, 'http://127.0.0.1:1/');
    application.checks = false;
    await refuses(/200 to a bad signature/);
    application.checks = true;
    application.pong = { status: 200, body: {} };
    await refuses(/\{\\"type\\": 1\}/);
    application.pong = { status: 200, body: { type: 1 }, type: 'text/plain' };
    await refuses(/text\/plain/);
    application.pong = { status: 204 };
    await refuses(/204 to a PING/);
    application.pong = { status: 200, body: { type: 1 } };
    assert.equal((await set(application.url)).body.interactions_endpoint_url, application.url);
  });

  it('posts interactions there and not over the gateway; the answer is the body', async () => {
    const outcome = await bench.command('ana', '/x text:a');
    assert.equal(outcome.messages[0]?.content, 'posted');
    const delivered = application.delivered.at(-1);
    assert.deepEqual([delivered?.id, delivered?.type, delivered?.data.name], [outcome.interaction, 2, 'x']);
    assert.deepEqual(overGateway, []);
    const { choices } = await (async () => {
      application.reply = () => ({ status: 200, body: { type: 8, data: { choices: [{ name: 'a', value: 'b' }] } } });
      return bench.control('autocomplete', { as: 'ana', input: '/x text:' });
    })();
    assert.deepEqual(choices, [{ name: 'a', value: 'b' }]);
    application.reply = () => ({ status: 200, body: { type: 9, data: modalWith('m', { custom_id: 'field' }) } });
    assert.equal((await bench.command('ana', '/x text:a')).modal?.custom_id, 'm');
  });

  it('lets the application answer by itself after 202, and fill in what it deferred', async () => {
    application.reply = ({ id, token }) => {
      const answer = { type: 4, data: { content: 'called back', flags: 64 } };
      return {
        status: 202,
        after: bench.rest('POST', `/interactions/${id}/${token}/callback`, answer, { token: null }),
      };
    };
    const answered = await bench.command('ana', '/x text:a');
    assert.deepEqual([answered.messages[0]?.content, answered.messages[0]?.ephemeralFor], ['called back', 'ana']);
    application.reply = ({ id, token }) => {
      const original = `/webhooks/${bench.sandbox.application.id}/${token}/messages/@original`;
      void eventually(
        'it is deferred',
        async () => (await bench.rest('PATCH', original, { content: id })).status === 200,
      );
      return { status: 200, body: { type: 5 } };
    };
    const deferred = await bench.command('ana', '/x text:a');
    assert.equal(deferred.messages[0]?.content, deferred.interaction);
  });

  it('takes no answer that is wrong or late', async () => {
    application.reply = () => ({ status: 200, body: { type: 4, data: { content: 'x'.repeat(2001) } } });
    const failing = async () => {
      const before = application.delivered.length;
      const outcome = bench.command('ana', '/x text:a');
      await eventually('it arrives', () => application.delivered.length > before);
      clock.forward(3001);
      return (await outcome).error ?? '';
    };
    assert.match(await failing(), /did not respond/);
    let late = () => {};
    application.reply = () => ({
      status: 200,
      body: { type: 4, data: { content: 'late' } },
      after: new Promise<void>((resolve) => {
        late = resolve;
      }),
    });
    assert.match(await failing(), /did not respond/);
    late();
    application.reply = () => ({ status: 200, body: { type: 4, data: { content: 'posted' } } });
  });

  it('tries a bad signature now and then, and gives up an endpoint that lets it pass', async () => {
    const { refused } = application;
    for (let index = 0; index < 20; index++) await bench.command('ana', '/x text:a');
    await eventually('a bad signature was refused', () => application.refused === refused + 1);
    application.checks = false;
    for (let index = 0; index < 20; index++) await bench.command('ana', '/x text:a');
    const url = async () => (await bench.rest('GET', '/applications/@me')).body.interactions_endpoint_url;
    await eventually('the endpoint is given up', async () => (await url()) === null);
    assert.equal((await bench.command('ana', '/x text:a')).messages[0]?.content, 'over the gateway');
    application.checks = true;
    assert.equal((await bench.control('application', { interactionsEndpointUrl: application.url })).status, 200);
    await set(null);
    assert.equal(await url(), null);
  });
});
