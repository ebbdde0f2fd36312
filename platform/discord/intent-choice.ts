import { type IntentName, intentsNotAllowed, privilegedOf } from './intents.ts';

/** Which intents to connect with: those that the flows need, without privileged ones that are switched off. */
export interface IntentChoice {
  /** The flows need these now. */
  want(intents: readonly IntentName[]): void;
  /**
   * What to ask for. Asks Discord which privileged intents the application may use, where one is wanted.
   * @throws whatever that request failed with
   */
  choose(): Promise<IntentName[]>;
  /** Discord refused the connection for an intent, whatever the application's flags say. */
  refused(): void;
  /** Privileged intents that are wanted and were switched off when they were last asked for. */
  missing(): IntentName[];
}

/** After a refusal the flags are not believed for so long. */
const REFUSED_MILLISECONDS = 5 * 60_000;

/**
 * @param first what the flows will need, as far as their files tell
 * @param readFlags the application's flags at Discord
 */
export function createIntentChoice(
  first: Promise<readonly IntentName[]>,
  readFlags: () => Promise<number>,
): IntentChoice {
  let wanted: readonly IntentName[] | null = null;
  let missing: IntentName[] = [];
  let refusedUntil = 0;
  return {
    want: (intents) => {
      wanted = intents;
    },
    choose: async () => {
      const names: IntentName[] = [...new Set<IntentName>(['Guilds', ...(wanted ?? (await first))])];
      const privileged = privilegedOf(names);
      if (privileged.length === 0) missing = [];
      else missing = Date.now() < refusedUntil ? privileged : intentsNotAllowed(await readFlags(), names);
      return names.filter((name) => !missing.includes(name)).sort();
    },
    refused: () => {
      refusedUntil = Date.now() + REFUSED_MILLISECONDS;
    },
    missing: () => missing,
  };
}
