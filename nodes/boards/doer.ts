import type { Doer } from '../../core/boards/index.ts';
import type { Actor } from '../../platform/actor.ts';
import { Fault } from '../../platform/fault.ts';
import type { Platform } from '../../platform/start.ts';
import type { Message } from '../kit/index.ts';
import { personOf } from '../kit/person.ts';
import { isFromWeb, responseOf } from '../kit/response.ts';

interface Doing {
  platform: Platform;
  actor: Actor;
  msg: Message;
  node: { id: string; name: string };
}

/** Who acts in a message, for the rules: a person, a server by its key, or the flow itself. */
export async function doerOf({ platform, actor, msg, node }: Doing): Promise<Doer> {
  const person = await personOf(platform, actor);
  if (person) return { kind: 'person', ...person };
  if (actor.discord_id !== null) {
    throw new Fault('nobody', 'The member who acts is no player yet: members become players by using a command.');
  }
  if (isFromWeb(actor)) {
    const exchange = platform.web.exchangeOf(responseOf(msg));
    return { kind: 'server', key: exchange?.keyName ?? actor.source, scopes: actor.scopes };
  }
  return flowAsDoer({ platform, node });
}

/** The flow by itself, whoever began it. */
export function flowAsDoer({ platform, node }: Pick<Doing, 'platform' | 'node'>): Doer {
  return { kind: 'flow', name: node.name || 'This flow', node: node.id, revision: platform.flowRevision() };
}
