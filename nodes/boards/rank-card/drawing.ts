import { z } from 'zod';
import { historyAltText, historyChart } from '../../../core/boards/pictures/history-chart.ts';
import { altTextOf, rankCard, textOf, unrankedText } from '../../../core/boards/pictures/rank-card.ts';
import { Fault } from '../../../platform/fault.ts';

/** A picture with its words; no picture where there is nothing to see. */
export interface Drawing {
  svg: string | null;
  fileName: string;
  /** For those who do not see the picture. */
  description: string;
  /** The same figures for a message. */
  text: string;
}

interface Manner {
  title: string;
  timeZone: string;
  locale: string | undefined;
}

const player = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string().nullable().default(null),
  company: z.string().nullable().default(null),
});

const entry = z.object({
  rank: z.number().int().min(1),
  previous_rank: z.number().int().min(1).nullable().default(null),
  delta: z.number().default(0),
  score: z.number(),
  tier: z.string().nullable().default(null),
  player,
});

/** A board, or its title alone. */
const board = z.union([z.string(), z.object({ title: z.string() }).transform(({ title }) => title)]);

const standing = z.object({
  board,
  total_players: z.number().int().min(0),
  /** null: the player has no rank. */
  entry: entry.nullable(),
  player: player.optional(),
  metrics: z.array(z.object({ name: z.string(), value: z.number().nullable() })).default([]),
  next: z.object({ points: z.number() }).nullish(),
});

const history = z.object({
  board,
  points: z.array(
    z.object({
      at: z.coerce.date(),
      score: z.number().nullable(),
      rank: z.number().int().min(1).nullable().default(null),
    }),
  ),
});

const DRAWINGS: Record<'rank card' | 'history', (value: unknown, manner: Manner) => Drawing> = {
  'rank card': (value, { locale }) => {
    const { board, total_players: total, entry, metrics, next, player } = read(standing, value, 'place');
    if (!entry) {
      const text = unrankedText({ board, player, locale });
      return { svg: null, fileName: '', description: text, text };
    }
    const known = metrics.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]));
    const card = { board, total, entry, metrics: known, toNext: next?.points, locale };
    return { svg: rankCard(card), fileName: 'rank-card.png', description: altTextOf(card), text: textOf(card) };
  },
  history: (value, { title, timeZone, locale }) => {
    const { board, points } = read(history, value, 'history');
    const known = points.flatMap(({ score, ...point }) => (score === null ? [] : [{ ...point, score }]));
    const chart = { title: title.trim() || board, points: known, timeZone: timeZone.trim() || undefined, locale };
    const text = historyAltText(chart);
    return { svg: known.length > 0 ? historyChart(chart) : null, fileName: 'history.png', description: text, text };
  },
};

/** @throws Fault `nothing-to-draw` where the value is not what a board query makes */
export function drawingOf(picture: 'rank card' | 'history', value: unknown, manner: Manner): Drawing {
  return DRAWINGS[picture](value, manner);
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const where = issue?.path.length ? ` (${issue.path.join('.')}: ${issue.message})` : '';
  throw new Fault(
    'nothing-to-draw',
    `This message holds no ${what} of a player${where}. Put a board query that reads it before this node.`,
  );
}
