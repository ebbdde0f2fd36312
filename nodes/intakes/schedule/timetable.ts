import type { Timetable } from '../../../platform/schedules.ts';

export const EVERY_MINUTES = ['5', '10', '15', '20', '30'] as const;
export const EVERY_HOURS = ['1', '2', '3', '4', '6', '8', '12'] as const;
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export const REPEATS = ['every day', 'weekdays', 'every week', 'hours', 'minutes', 'cron'] as const;

export interface Times {
  repeat: (typeof REPEATS)[number];
  time: string;
  weekday: (typeof WEEKDAYS)[number];
  hours: (typeof EVERY_HOURS)[number];
  minutes: (typeof EVERY_MINUTES)[number];
  cron: string;
  timeZone: string;
}

/** What an admin chose, as a cron expression in a time zone. */
export function timetableOf({ repeat, time, weekday, hours, minutes, cron, timeZone }: Times): Timetable {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const at = `${minute} ${hour} * *`;
  const EXPRESSIONS: Record<Times['repeat'], string> = {
    'every day': `${at} *`,
    weekdays: `${at} 1-5`,
    'every week': `${at} ${(WEEKDAYS.indexOf(weekday) + 1) % WEEKDAYS.length}`,
    hours: `0 */${hours} * * *`,
    minutes: `*/${minutes} * * * *`,
    cron: cron.trim(),
  };
  return {
    cron: EXPRESSIONS[repeat],
    timeZone: timeZone.trim() || new Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
