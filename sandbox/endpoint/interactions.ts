import { randomBytes } from 'node:crypto';
import { readMultipart } from '../api/multipart.ts';
import { serveApi } from '../api/serve.ts';
import { ANSWER_MS } from '../interactions.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { userOf } from '../payloads/people.ts';
import type { Interaction } from '../state/model.ts';
import { scaled, type World } from '../world.ts';
import { type EndpointAnswer, isLoopback, postSigned, reasonOf } from './post.ts';

/** Every so many interactions one comes with a bad signature, too: Discord tests that all the time. */
const TESTED_EVERY = 20;
const PING = 1;

/** The address to which interactions are posted in place of the gateway; undefined while there is none. */
export function interactionsEndpoint({ application }: World): string | undefined {
  const url = application.settings?.interactions_endpoint_url;
  return typeof url === 'string' ? url : undefined;
}

/**
 * Tries an address as Discord does before it takes it: a signed PING must be answered with a PONG, one with a bad
 * signature with 401. Returns what is wrong, or undefined.
 */
export async function endpointProblem(world: World, url: string): Promise<string | undefined> {
  if (!isLoopback(url)) return 'the sandbox sends only to this machine (127.0.0.1, localhost, [::1])';
  const ping = {
    id: world.newId(),
    application_id: world.application.id,
    type: PING,
    token: randomBytes(48).toString('base64url'),
    version: 1,
    user: userOf(world.store, world.store.all('guilds')[0]?.owner_id ?? world.bot.id),
    entitlements: [],
  };
  try {
    const bad = await post(world, url, 'PING', ping, false);
    if (bad.status !== 401) return `it answered ${bad.status} to a bad signature, where 401 is needed`;
    const good = await post(world, url, 'PING', ping, true);
    if (good.status !== 200) return `it answered ${good.status} to a PING, where 200 is needed`;
    if (!/^application\/json\b/i.test(good.type)) return `it answered a PING with the Content-Type "${good.type}"`;
    const pong: unknown = parseJson(good.body.toString('utf8'));
    return isObject(pong) && pong.type === PING ? undefined : 'it did not answer a PING with {"type": 1}';
  } catch (error) {
    return `it did not answer a PING: ${reasonOf(error)}`;
  }
}

/** Sends interactions to the application's own server, where it has named one, in place of the gateway. */
export class Endpoint {
  #sent = 0;

  /** Posts an interaction; the answer's body is its first response. False when there is nowhere to post it to. */
  post(world: World, interaction: Interaction, payload: JsonObject): boolean {
    const url = interactionsEndpoint(world);
    if (url === undefined) return false;
    world.store.flush();
    this.#sent++;
    if (this.#sent % TESTED_EVERY === 0) void testEndpoint(world, url, payload);
    void deliver(world, url, interaction, payload);
    return true;
  }
}

async function deliver(world: World, url: string, interaction: Interaction, payload: JsonObject): Promise<void> {
  try {
    const answer = await post(world, url, 'INTERACTION_CREATE', payload, true);
    if (answer.status === 200) await takeAnswer(world, interaction, answer);
  } catch (error) {
    console.error(`sandbox: ${url} did not answer an interaction: ${reasonOf(error)}`);
  }
}

/** Sends an interaction with a bad signature; an endpoint that does not refuse it is given up. */
async function testEndpoint(world: World, url: string, payload: JsonObject): Promise<void> {
  const status = await post(world, url, 'INTERACTION_CREATE', payload, false).then(
    (answer) => answer.status,
    () => 401,
  );
  if (status === 401 || interactionsEndpoint(world) !== url) return;
  const { application } = world;
  const settings = { ...application.settings, interactions_endpoint_url: null };
  world.store.put('application', application.id, { ...application, settings });
  const what = `${url} answered ${status} to a bad signature, where 401 is needed`;
  console.error(`sandbox: ${what}: interactions go over the gateway again`);
}

/** The body of the answer counts as `POST /interactions/:id/:token/callback`, and stands in the log as such. */
async function takeAnswer(world: World, { id, token }: Interaction, { type, body }: EndpointAnswer): Promise<void> {
  const upload = /^multipart\/form-data\b/i.test(type) ? await readMultipart(body, type) : undefined;
  const text = upload?.json ?? body.toString('utf8');
  let parsed: unknown;
  let broken = false;
  try {
    parsed = parseJson(text);
  } catch {
    broken = true;
  }
  await serveApi(world, {
    method: 'POST',
    path: `/interactions/${id}/${token}/callback`,
    query: new URLSearchParams(),
    authorization: undefined,
    reason: null,
    body: parsed,
    broken,
    form: undefined,
    files: upload?.files ?? [],
    bytes: body.length,
  });
  world.store.flush();
}

/** Posts and notes what became of it. */
async function post(
  world: World,
  url: string,
  name: string,
  payload: JsonObject,
  valid: boolean,
): Promise<EndpointAnswer> {
  const note = (status: number | null) =>
    world.events.add({
      name,
      outcome: status === null ? 'unanswered' : 'posted',
      intent: null,
      data: { url, signature: valid ? 'valid' : 'invalid', status, body: payload },
    });
  try {
    const answer = await postSigned(world, url, payload, { valid, ms: scaled(world, ANSWER_MS) });
    note(answer.status);
    return answer;
  } catch (error) {
    note(null);
    throw error;
  }
}
