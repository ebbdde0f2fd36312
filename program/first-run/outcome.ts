import type { Configuration } from '../../platform/configuration.ts';
import { readSavedSettings, saveSettings } from '../../platform/saved-settings.ts';

/** Notes that the live server started: from now on it is not given up for one failed start. */
export function liveStartSucceeded({ discordFrom, dataFolder }: Configuration): void {
  if (discordFrom === 'first run' && readSavedSettings(dataFolder).untried)
    saveSettings(dataFolder, { untried: false });
}

/**
 * Goes back to the demo where the very first start of a live server failed: otherwise nothing would be left on which to
 * mend it.
 * @returns whether the program is to begin anew
 */
export function liveStartFailed({ discordFrom, dataFolder }: Configuration, error: Error): boolean {
  if (discordFrom !== 'first run' || !readSavedSettings(dataFolder).untried) return false;
  saveSettings(dataFolder, { live: false, untried: false, failure: error.message });
  return true;
}
