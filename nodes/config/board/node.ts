import { z } from 'zod';
import { boardDefinition, boardsOf, DEFAULT_METRICS, DEFAULT_TIERS, notCounted } from '../../../core/boards/index.ts';
import { toFault } from '../../../platform/fault.ts';
import { WEEKDAYS } from '../../intakes/schedule/timetable.ts';
import { cronProblem, isTimeZone } from '../../kit/cron.ts';
import { defineNode } from '../../kit/index.ts';
import { RESETS, resetOf } from './reset.ts';
import { beginBoard } from './rivals.ts';

const { key, title, best, metrics, tiers, settleSeconds, keepTopDays, keepHistoryDays, position } =
  boardDefinition.shape;

const settings = z
  .object({
    name: z.string().default(''),
    community: z.string().default(''),
    title: title.default('All time'),
    key: key.default('all-time'),
    position,
    best,
    metrics: metrics.default(DEFAULT_METRICS.map((metric) => ({ ...metric }))),
    tiers: tiers.default(DEFAULT_TIERS),
    reset: z.enum(RESETS).default('never'),
    weekday: z.enum(WEEKDAYS).default('monday'),
    time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time such as 00:00')
      .default('00:00'),
    cron: z.string().default(''),
    /** Empty: that of the machine. */
    timeZone: z
      .string()
      .refine((zone) => zone.trim() === '' || isTimeZone(zone.trim()), 'use a time zone such as Europe/Berlin')
      .default(''),
    settleSeconds,
    keepTopDays,
    keepHistoryDays,
  })
  .refine(({ reset, cron }) => reset !== 'seasonal' || cronProblem(cron) === null, {
    path: ['cron'],
    error: 'use five parts: minute, hour, day, month, weekday',
  });

/** A board of a community: how deeds become a score, who is where, and when it begins anew. */
export default defineNode({
  kind: 'config',
  type: 'guildhall-board',
  version: 1,
  settings,
  outputs: [],
  start: ({ platform, settings, community, node, complain }) => {
    const { name: _name, community: _community, reset, weekday, time, cron, timeZone, ...rest } = settings;
    const definition = { ...rest, reset: resetOf({ reset, weekday, time, cron, timeZone }) };
    const stop = beginBoard(platform, community, {
      node,
      key: settings.key,
      begin: () => {
        const { ready, remove } = boardsOf(platform).add(community, definition);
        let isOver = false;
        ready
          .then(({ passedOver }) => {
            if (passedOver > 0 && !isOver) complain('tooLarge', notCounted(definition.title, passedOver));
          })
          .catch((error) => platform.log.error(`The board “${definition.title}”: ${toFault(error).message}`));
        return () => {
          isOver = true;
          remove();
        };
      },
      contested: (sentence) => complain('twice', sentence),
    });
    return { key: settings.key, stop };
  },
});
