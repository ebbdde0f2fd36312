/** `migrations[n]` turns settings of version n into those of version n + 1. The dialog and the runtime both use them. */
export type Migrations = Readonly<Record<number, (config: Record<string, unknown>) => Record<string, unknown>>>;

/** Brings saved settings up to the node's version. */
export function migrateSettings(
  { version, migrations }: { version: number; migrations?: Migrations | undefined },
  config: Record<string, unknown>,
): Record<string, unknown> {
  let migrated = config;
  for (let from = Number(config.version ?? 1); from < version; from += 1) {
    migrated = { ...(migrations?.[from]?.(migrated) ?? migrated), version: from + 1 };
  }
  return migrated;
}
