import { endpointProblem } from '../endpoint/interactions.ts';
import { isObject, type JsonObject } from '../json.ts';
import { userObject } from '../payloads/people.ts';
import { applicationFlags, LIMITED_INTENT_FLAGS } from '../rules/intents.ts';
import type { World } from '../world.ts';
import { FormCheck } from './errors.ts';
import { type Answer, type Call, ok, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** The application about itself (docs: resources/application). */
export const APPLICATION_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/applications/@me', run: ({ world }) => ok(applicationObject(world)) },
  { method: 'PATCH', path: '/applications/@me', schema: BODY.applicationEdit, run: editApplication },
  { method: 'GET', path: '/oauth2/applications/@me', run: ({ world }) => ok(applicationObject(world)) },
];

/** What an application changes as it is given; null takes it back. */
const PLAIN = [
  'custom_install_url',
  'event_webhooks_types',
  'install_params',
  'role_connections_verification_url',
  'tags',
] as const;

/** Changes what the body names. An interactions endpoint is tried first, and only an address on this machine is taken. */
async function editApplication({ world, body }: Call): Promise<Answer> {
  const change: JsonObject = {};
  for (const key of PLAIN) if (body[key] !== undefined) change[key] = body[key];
  if (body.flags !== undefined) change.flags = Number(body.flags ?? 0) & LIMITED_INTENT_FLAGS;
  if (body.description !== undefined) {
    change.description = (isObject(body.description) ? body.description.default : body.description) ?? '';
  }
  const url = body.interactions_endpoint_url;
  if (url !== undefined) change.interactions_endpoint_url = await checkedEndpoint(world, url);
  const settings: JsonObject = { ...world.application.settings, ...change };
  world.store.put('application', world.application.id, { ...world.application, settings });
  return ok(applicationObject(world));
}

/** An endpoint that passed Discord's test, or null for none. @throws DiscordError with what is wrong with it */
export async function checkedEndpoint(world: World, url: unknown): Promise<string | null> {
  if (typeof url !== 'string' || url === '') return null;
  const problem = await endpointProblem(world, url);
  if (problem === undefined) return url;
  const form = new FormCheck().at('interactions_endpoint_url');
  form.add(
    'APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID',
    `The specified interactions endpoint URL could not be verified: ${problem}.`,
  );
  form.done();
  return null;
}

function applicationObject(world: World) {
  const { application, bot, store } = world;
  const guilds = store.all('guilds');
  const owner = store.get('users', guilds[0]?.owner_id ?? '') ?? bot;
  const settings = Object.entries(application.settings ?? {}).filter(([, value]) => value !== null);
  const flags = applicationFlags(application);
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: '',
    summary: '',
    type: null,
    bot: userObject(bot),
    owner: userObject(owner),
    team: null,
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: application.publicKey,
    eligible_oauth2_scopes: [],
    approximate_guild_count: guilds.length,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: store.size('authorizations'),
    redirect_uris: application.redirect_uris ?? [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    event_webhooks_url: null,
    event_webhooks_status: 1,
    explicit_content_filter: 0,
    integration_types_config: { 0: {} },
    is_monetized: false,
    is_verified: false,
    hook: true,
    ...Object.fromEntries(settings),
    flags,
    flags_new: String(flags),
  };
}
