import { checkedEndpoint } from '../api/application.ts';
import type { JsonObject } from '../json.ts';
import { endAuthorization } from '../oauth2/grants.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';
import { personNamed } from './find.ts';

/** What an admin sets in Discord's developer portal: where people are sent back to, and where interactions are posted to. */
export async function editApplication(world: World, body: JsonObject): Promise<JsonObject> {
  const { redirectUris, interactionsEndpointUrl } = body;
  if (redirectUris === undefined && interactionsEndpointUrl === undefined) {
    throw new ControlError(400, 'name "redirectUris" or "interactionsEndpointUrl"');
  }
  if (redirectUris !== undefined) setRedirects(world, redirectUris);
  if (interactionsEndpointUrl !== undefined) {
    const interactions_endpoint_url = await checkedEndpoint(world, interactionsEndpointUrl);
    const { application } = world;
    const settings = { ...application.settings, interactions_endpoint_url };
    world.store.put('application', application.id, { ...application, settings });
  }
  return applicationView(world);
}

function setRedirects(world: World, uris: unknown): void {
  const known =
    Array.isArray(uris) &&
    uris.every((uri) => typeof uri === 'string' && /^https?:$/.test(URL.parse(uri)?.protocol ?? ''));
  if (!known) throw new ControlError(400, '"redirectUris" must be a list of http(s) addresses');
  world.store.put('application', world.application.id, { ...world.application, redirect_uris: uris });
}

/** A person takes the application's access away, as under "Authorized Apps" in Discord's settings. */
export function deauthorize(world: World, body: JsonObject): JsonObject {
  const user = personNamed(world, String(body.as));
  if (user === undefined) throw new ControlError(404, `there is no member "${String(body.as)}"`);
  endAuthorization(world, user.id);
  return { user: user.id };
}

/** The application with its secrets, as only this machine sees it. */
export function applicationView({ application }: World): JsonObject {
  const { id, publicKey, botToken, clientSecret, redirect_uris: redirectUris = [], settings } = application;
  const interactionsEndpointUrl = settings?.interactions_endpoint_url ?? null;
  return { id, publicKey, botToken, clientSecret, redirectUris, interactionsEndpointUrl };
}
