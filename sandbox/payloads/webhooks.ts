import type { JsonObject } from '../json.ts';
import type { Webhook } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { botId } from './channels.ts';
import { userOf } from './people.ts';

/** A webhook (docs: resources/webhook); whoever has only its token is not told who made it. */
export function webhookObject(store: Store, webhook: Webhook, host: string, byToken = false): JsonObject {
  const { id, guild_id, channel_id, name, avatar, token, user_id } = webhook;
  return {
    id,
    type: 1,
    guild_id,
    channel_id,
    name,
    avatar,
    application_id: botId(store),
    token,
    url: `http://${host}/api/webhooks/${id}/${token}`,
    ...(byToken ? {} : { user: userOf(store, user_id) }),
  };
}
