/** What is wrong with a cron expression: nothing, the number of its parts, or one part and what it may hold. */
export type CronProblem = { part: null } | { part: (typeof PARTS)[number]['name']; least: number; most: number };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const PARTS = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day', least: 1, most: 31, names: [] },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'weekday', least: 0, most: 7, names: DAYS },
] as const;

/** Checks the five parts of a cron expression, in the browser and in the runtime alike. */
export function cronProblem(expression: string): CronProblem | null {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== PARTS.length) return { part: null };
  for (const [index, { name, least, most, names }] of PARTS.entries()) {
    const numberOf = (text: string): number => {
      const named = (names as readonly string[]).indexOf(text.toLowerCase());
      if (named >= 0) return named + (name === 'month' ? 1 : 0);
      return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
    };
    const fits = (parts[index] ?? '').split(',').every((item) => {
      const [range = '', step, ...more] = item.split('/');
      if (more.length > 0 || (step !== undefined && !(/^\d{1,2}$/.test(step) && Number(step) >= 1))) return false;
      if (range === '*') return true;
      const ends = range.split('-').map(numberOf);
      const [first = Number.NaN, last = first] = ends;
      return ends.length <= 2 && first >= least && last <= most && first <= last;
    });
    if (!fits) return { part: name, least, most };
  }
  return null;
}

/** Whether this is the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
