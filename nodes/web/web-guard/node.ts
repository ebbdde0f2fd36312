import { z } from 'zod';
import { SCOPE_NAMES } from '../../../platform/api-keys.ts';
import { Fault } from '../../../platform/fault.ts';
import { MOST_BYTES } from '../../../platform/web/body.ts';
import { defineNode, type Message } from '../../kit/index.ts';
import { responseOf } from '../../kit/response.ts';

const BYTES = 1024;

/** Lets requests of web apps in: stands right behind an `http in` and says who may call. */
export default defineNode({
  kind: 'guard',
  type: 'guildhall-web-guard',
  version: 1,
  settings: z.object({
    name: z.string().default(''),
    community: z.string().default(''),
    access: z.enum(['key', 'public']).default('key'),
    /** What a key must be for. */
    scope: z.enum(SCOPE_NAMES, 'choose a scope').default('players:write'),
    mostKilobytes: z.coerce
      .number()
      .int()
      .min(1)
      .max(MOST_BYTES / BYTES)
      .default(64),
    /** Calls a minute by each key or address; empty: what is usual, for all such paths together. */
    mostCalls: z.union([z.literal(''), z.coerce.number().int().min(1).max(1_000_000)]).default(''),
    /** The names that may stand behind the path's `?`, with commas between; empty: any. */
    parameters: z.string().max(1000).default(''),
  }),
  outputs: ['passed'],
  start: ({ platform: { web }, settings, community, node, run, say }) => {
    const { access, scope, mostKilobytes, mostCalls } = settings;
    const parameters = settings.parameters.split(/[\s,]+/).filter((name) => name !== '');
    say(`status.${access}`);
    return {
      stop: web.addGuard({
        node: node.id,
        community,
        access,
        scope,
        mostBytes: mostKilobytes * BYTES,
        mostCalls: mostCalls === '' ? null : mostCalls,
        parameters: parameters.length === 0 ? null : parameters,
      }),
      take: async (msg) => {
        const exchange = web.take(msg.req, responseOf(msg));
        if (!exchange) throw new Fault('not-admitted', NOT_ADMITTED);
        const { source, scopes, route, begun } = exchange;
        await run(
          source,
          async () => ({
            acting: { player: null, discord_id: null, roles: [], scopes },
            message: { ...ownOf(msg), topic: route },
          }),
          begun,
        );
      },
    };
  },
});

const NOT_ADMITTED =
  'This is no request that was checked, or it passed here already. Wire an “http in” straight to this node; requests are checked by Guildhall’s own program alone.';

/** A message without what only intakes and rules may say. */
function ownOf({ actor: _actor, interaction: _interaction, event: _event, refusal: _refusal, ...own }: Message) {
  return own;
}
