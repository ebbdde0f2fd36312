import { z } from 'zod';
import { SCHEDULE_DUE, subjectOf, type Timetable } from '../../../platform/schedules.ts';
import { cronProblem, isTimeZone } from '../../kit/cron.ts';
import { defineNode } from '../../kit/index.ts';
import { EVERY_HOURS, EVERY_MINUTES, REPEATS, timetableOf, WEEKDAYS } from './timetable.ts';

const settings = z
  .object({
    name: z.string().default(''),
    community: z.string().default(''),
    repeat: z.enum(REPEATS).default('every day'),
    time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time such as 09:00')
      .default('09:00'),
    weekday: z.enum(WEEKDAYS).default('monday'),
    hours: z.enum(EVERY_HOURS).default('1'),
    minutes: z.enum(EVERY_MINUTES).default('15'),
    cron: z.string().default(''),
    /** Empty: that of the machine. */
    timeZone: z
      .string()
      .refine((zone) => zone.trim() === '' || isTimeZone(zone.trim()), 'use a time zone such as Europe/Berlin')
      .default(''),
    lateMinutes: z.coerce.number().int().min(0).max(1440).default(60),
  })
  .refine(({ repeat, cron }) => repeat !== 'cron' || cronProblem(cron) === null, {
    path: ['cron'],
    error: 'use five parts: minute, hour, day, month, weekday',
  });

/** Starts a flow at certain times, once across all instances. */
export default defineNode({
  kind: 'intake',
  type: 'guildhall-schedule',
  version: 1,
  settings,
  outputs: ['time'],
  start: ({ platform, settings, community, node, run, say }) => {
    const { schedules, intakes } = platform;
    const timetable = timetableOf(settings);
    const { lateMinutes } = settings;
    const ends = [
      intakes.addSchedule({ community, node: node.id, ...timetable, lateMinutes }),
      intakes.addEvent({
        community,
        types: [SCHEDULE_DUE],
        subject: subjectOf(node.id),
        take: (event) => {
          const planned = Math.floor(Date.parse(String(event.payload.planned)) / 1000);
          return run(`${event.subject}/${planned}`, async () => ({
            acting: { player: null, discord_id: null, roles: [], scopes: [] },
            message: {
              topic: SCHEDULE_DUE,
              payload: { planned_at: planned },
              event: { id: event.id, type: event.type, subject: event.subject, community, occurred_at: planned },
            },
          }));
        },
      }),
      showNext(timetable, schedules.next, say),
    ];
    return () => {
      for (const end of ends) end();
    };
  },
});

const LONGEST_TIMEOUT = 12 * 3600_000;

/** Keeps a node's status at its next time. @returns what ends it */
function showNext(timetable: Timetable, next: (timetable: Timetable) => Date | null, say: (text: string) => void) {
  let timer: NodeJS.Timeout;
  const show = (): void => {
    const at = next(timetable);
    say(at ? shortTime(at, timetable.timeZone) : '—');
    timer = setTimeout(
      show,
      Math.min(at ? at.getTime() - Date.now() + 1000 : LONGEST_TIMEOUT, LONGEST_TIMEOUT),
    ).unref();
  };
  show();
  return () => clearTimeout(timer);
}

/** A time within a week by its weekday, a later one by its date; in the timetable's own zone. */
function shortTime(at: Date, timeZone: string): string {
  const isNear = at.getTime() - Date.now() < 6 * 24 * 3600_000;
  const day = isNear ? ({ weekday: 'short' } as const) : ({ month: 'short', day: 'numeric' } as const);
  return new Intl.DateTimeFormat('en-GB', { ...day, hour: '2-digit', minute: '2-digit', timeZone }).format(at);
}
