import type { Configuration } from '../../configuration.ts';
import { intentsNotAllowed, privilegedOf } from '../../discord/intents.ts';
import { isLive } from '../../live.ts';
import { type Check, ok, problem, warning } from '../check.ts';
import type { TextKey } from '../texts.ts';

/** Where Discord sends people back after they sign in. */
const CALLBACK = '/auth/discord/callback';

/** The bot itself: its token, its application, its connection. */
export const BOT_CHECKS: readonly Check[] = [
  {
    id: 'token',
    area: 'bot',
    run: async (look) => {
      const { apiBase } = look.bot();
      const outcome = await look.ask().self();
      if (outcome.kind === 'done') return [ok('token.ok', { bot: outcome.value.username })];
      if (outcome.kind === 'stop') return [problem('token.refused')];
      return [problem(awayText(look.configuration, apiBase), { address: apiBase, reason: outcome.message })];
    },
  },
  {
    id: 'application',
    area: 'bot',
    run: async (look) => {
      const { applicationId } = look.bot();
      await look.self();
      const outcome = await look.ask().application();
      if (outcome.kind !== 'done') return [problem('application.unread', { reason: outcome.message })];
      const { id, name } = outcome.value;
      return [
        id === applicationId
          ? ok('application.ok', { application: name, id })
          : problem('application.other', { set: applicationId, id, application: name }),
      ];
    },
  },
  {
    id: 'public-key',
    area: 'bot',
    run: async (look) => {
      const { publicKey } = look.bot();
      if (!publicKey) return [];
      const { verify_key, name } = await look.application();
      const same = verify_key.toLowerCase() === publicKey.toLowerCase();
      return [same ? ok('public-key.ok') : problem('public-key.other', { application: name })];
    },
  },
  {
    id: 'client-secret',
    area: 'bot',
    run: async (look) => {
      const { clientSecret, applicationId } = look.bot();
      if (!clientSecret) return [];
      await look.self();
      const outcome = await look.ask().clientSecret(applicationId, clientSecret);
      if (outcome.kind === 'done') return [ok('client-secret.ok')];
      if (outcome.kind === 'admin') return [problem('client-secret.refused')];
      return [warning('client-secret.unread', { reason: outcome.message })];
    },
  },
  {
    id: 'intents',
    area: 'bot',
    run: async (look) => {
      const { flags = 0, name } = await look.application();
      const needed = look.needs.intents();
      const missing = intentsNotAllowed(flags, needed);
      if (missing.length > 0) {
        return [problem('intents.missing', { intents: look.texts.intents(missing), application: name })];
      }
      const privileged = privilegedOf(needed);
      return [
        privileged.length > 0
          ? ok('intents.ok', { intents: look.texts.intents(privileged) })
          : ok('intents.none-needed'),
      ];
    },
  },
  {
    id: 'connection',
    area: 'bot',
    run: async (look) => {
      if (!look.status) return [];
      await look.self();
      const { state, code, reason } = look.status.current();
      if (state === 'ready') return [ok('connection.ok')];
      const { problem: wrong, fix } = look.texts.status(code, reason);
      return [problem('connection.away', { reason: wrong, fix: fix || look.texts.word('wait') })];
    },
  },
  {
    id: 'endpoint',
    area: 'bot',
    run: async (look) => {
      const { interactions_endpoint_url: endpoint, name } = await look.application();
      // Discord sends interactions one way alone: to that address, or over the gateway.
      if (!endpoint) return [ok('endpoint.none')];
      const { publicUrl } = look.configuration;
      if (publicUrl && new URL(endpoint).host === new URL(publicUrl).host) return [];
      return [problem('endpoint.elsewhere', { endpoint, application: name })];
    },
  },
  {
    id: 'invite',
    area: 'bot',
    run: async (look) => {
      const { bot_require_code_grant: grant, name } = await look.application();
      return grant ? [problem('invite.code-grant', { application: name })] : [];
    },
  },
  {
    id: 'redirect',
    area: 'bot',
    run: async (look) => {
      const { publicUrl } = look.configuration;
      if (!publicUrl || !look.bot().clientSecret) return [];
      const { redirect_uris = [], name } = await look.application();
      const wanted = new URL(CALLBACK, publicUrl).href;
      return [
        redirect_uris.includes(wanted)
          ? ok('redirect.ok', { redirect: wanted })
          : warning('redirect.missing', { redirect: wanted, application: name }),
      ];
    },
  },
];

/** Who mends an API that does not answer depends on whose it is. */
function awayText({ firstRunApiBase }: Configuration, apiBase: string): TextKey {
  if (isLive(apiBase)) return 'token.unreachable';
  return apiBase === firstRunApiBase ? 'token.sandbox-away' : 'token.own-sandbox-away';
}
