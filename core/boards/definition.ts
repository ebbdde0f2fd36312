import { z } from 'zod';
import { LARGEST, toFourPlaces } from './decimals.ts';
import { NOT_FOR_METRICS } from './metric-names.ts';

/** How the values of a metric become one: added up, the best of them, or the newest. */
export const OPERATORS = ['sum', 'best', 'latest'] as const;
export type Operator = (typeof OPERATORS)[number];

/** Characters of an event's id, and what those of corrections begin with. */
export const LONGEST_ID = 100;
export const CORRECTION_PREFIX = 'correction:';

const NAMES = /^[a-z][a-z0-9_]{0,39}$/;

const metric = z.object({
  name: z
    .string()
    .regex(NAMES, 'name a metric with small letters, digits and _, such as deals_closed')
    .refine((name) => !NOT_FOR_METRICS.includes(name), `${NOT_FOR_METRICS.join(', ')} are not for metrics`),
  operator: z.enum(OPERATORS).default('sum'),
  weight: z.coerce
    .number()
    .min(-1_000_000, 'use a weight from -1000000 to 1000000')
    .max(1_000_000, 'use a weight from -1000000 to 1000000')
    .overwrite(toFourPlaces)
    .default(1),
});

const tier = z.object({
  name: z.string().min(1, 'a tier needs a name').max(40, 'use up to 40 characters'),
  /** The last rank that belongs to it. */
  until: z.coerce.number().int().min(1, 'use a rank, 1 or more').max(1_000_000_000),
});

export const DEFAULT_METRICS = [
  { name: 'deals_closed', operator: 'sum', weight: 100 },
  { name: 'campaigns_launched', operator: 'sum', weight: 25 },
  { name: 'leads_generated', operator: 'sum', weight: 10 },
  { name: 'response_rate', operator: 'latest', weight: 0 },
] as const satisfies Metric[];

export const DEFAULT_TIERS = [
  { name: 'Champion', until: 1 },
  { name: 'Silver', until: 2 },
  { name: 'Bronze', until: 3 },
  { name: 'Top 10', until: 10 },
  { name: 'Elite', until: 100 },
] satisfies Tier[];

/** A board as an admin sets it up: how deeds become a score, and what becomes of it. */
export const boardDefinition = z.object({
  key: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'name it for addresses and commands: small letters, digits and -, up to 32'),
  title: z.string().min(1, 'a board needs a title').max(60, 'use up to 60 characters'),
  best: z.enum(['highest', 'lowest']).default('highest'),
  metrics: z
    .array(metric)
    .min(1, 'a board needs a metric')
    .max(20, 'use up to 20 metrics')
    .refine((metrics) => new Set(metrics.map(({ name }) => name)).size === metrics.length, 'each metric comes once'),
  tiers: z.array(tier).max(20, 'use up to 20 tiers').default([]),
  /** When the scores begin anew; null: never. */
  reset: z.object({ cron: z.string(), timeZone: z.string() }).nullable().default(null),
  settleSeconds: z.coerce.number().int().min(5, 'use 5 seconds or more').max(3600).default(30),
  keepTopDays: z.coerce.number().int().min(1).max(3650).default(7),
  keepHistoryDays: z.coerce.number().int().min(1).max(3650).default(30),
  /** The lowest number is the community's first board: the one that is meant where none is named. */
  position: z.coerce.number().int().min(0).max(1000).default(0),
});

export type BoardDefinition = z.output<typeof boardDefinition>;
export interface Metric {
  name: string;
  operator: Operator;
  weight: number;
}
export interface Tier {
  name: string;
  until: number;
}

/** @returns the name of the tier of a rank, the narrowest that holds it; null outside of all */
export function tierOf(tiers: readonly Tier[], rank: number): string | null {
  let found: Tier | null = null;
  for (const tier of tiers) if (rank <= tier.until && (!found || tier.until < found.until)) found = tier;
  return found?.name ?? null;
}

/** @returns why a value cannot be one of a metric, or null */
export function refuseValue(name: string, value: unknown): string | null {
  if (typeof value !== 'number') return `${name} must be a number`;
  if (!Number.isFinite(value)) return `${name} is too large for a number`;
  if (Math.abs(value) > LARGEST) return `${name} must lie between -${LARGEST} and ${LARGEST}`;
  return null;
}
