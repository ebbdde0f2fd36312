import type { BoardDefinition } from '../../../core/boards/index.ts';
import { type Times, timetableOf } from '../../intakes/schedule/timetable.ts';

export const RESETS = ['never', 'weekly', 'monthly', 'seasonal'] as const;

type ResetTimes = Pick<Times, 'weekday' | 'time' | 'cron' | 'timeZone'> & { reset: (typeof RESETS)[number] };

/** When a board's scores begin anew, as an admin chose it; null: never. */
export function resetOf({ reset, weekday, time, cron, timeZone }: ResetTimes): BoardDefinition['reset'] {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const times = { weekday, time, timeZone, hours: '1', minutes: '15' } as const;
  switch (reset) {
    case 'never':
      return null;
    case 'weekly':
      return timetableOf({ ...times, repeat: 'every week', cron });
    case 'monthly':
      return timetableOf({ ...times, repeat: 'cron', cron: `${minute} ${hour} 1 * *` });
    case 'seasonal':
      return timetableOf({ ...times, repeat: 'cron', cron });
  }
}
