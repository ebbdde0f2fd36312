import { INTENT } from '../gateway/events.ts';
import type { Application } from '../state/model.ts';

/** Privileged intents and the application flags that allow them: for large and for small applications. */
const PRIVILEGED: readonly [intent: number, flags: number][] = [
  [INTENT.GUILD_PRESENCES, (1 << 12) | (1 << 13)],
  [INTENT.GUILD_MEMBERS, (1 << 14) | (1 << 15)],
  [INTENT.MESSAGE_CONTENT, (1 << 18) | (1 << 19)],
];

/** The flags that an application of this size can set itself (docs: resources/application, "Edit Current Application"). */
export const LIMITED_INTENT_FLAGS = (1 << 13) | (1 << 15) | (1 << 19);

/** The application's flags; from the start every privileged intent is allowed. */
export function applicationFlags({ settings }: Application): number {
  return typeof settings?.flags === 'number' ? settings.flags : LIMITED_INTENT_FLAGS;
}

/** The privileged intents that an application may ask for. */
export function allowedIntents(application: Application): number {
  const flags = applicationFlags(application);
  return PRIVILEGED.reduce((bits, [intent, allowing]) => ((flags & allowing) === 0 ? bits : bits | intent), 0);
}

/** Every intent that has to be allowed first. */
export const PRIVILEGED_INTENTS = PRIVILEGED.reduce((bits, [intent]) => bits | intent, 0);
