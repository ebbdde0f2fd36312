import type { JsonObject } from '../json.ts';
import type { Command } from '../state/model.ts';

export function commandObject(command: Command): JsonObject {
  const { guild_id, options, name_localizations, description_localizations, ...rest } = command;
  return {
    ...rest,
    name_localizations,
    description_localizations,
    ...(guild_id === null ? {} : { guild_id }),
    ...(options.length === 0 ? {} : { options }),
  };
}
