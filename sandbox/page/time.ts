import { el } from './dom.ts';
import { LANGUAGE, text } from './texts.ts';

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** How long ago, or until, a time in seconds is. */
export function relative(seconds: number): string {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(away) >= length) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' }).format(Math.round(away / size), unit);
}

/** The styles of `<t:seconds:style>` (docs: reference, "Timestamp Styles"). */
const STYLES: Record<string, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

/** A point in time as Discord shows `<t:…>`; relative ones are kept up to date by `tick`. */
export function timestamp(seconds: number, style: string): HTMLElement {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return el('span', {}, text('time.invalid'));
  const whole = format(date, STYLES.F ?? {});
  const shown = style === 'R' ? relative(seconds) : format(date, STYLES[style] ?? STYLES.f ?? {});
  const time = el('time', { class: 'timestamp', datetime: date.toISOString(), title: whole }, shown);
  if (style === 'R') time.dataset.relative = String(seconds);
  return time;
}

/** Brings relative times up to date. */
export function tick(): void {
  for (const time of document.querySelectorAll<HTMLElement>('time[data-relative]')) {
    const now = relative(Number(time.dataset.relative));
    if (time.textContent !== now) time.textContent = now;
  }
}

/** When a message was written, in few words. */
export function whenShort(date: Date): string {
  const time = format(date, { timeStyle: 'short' });
  const days = daysAgo(date);
  if (days === 0) return text('time.today', { time });
  if (days === 1) return text('time.yesterday', { time });
  return `${format(date, { dateStyle: 'short' })} ${time}`;
}

export function format(date: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(LANGUAGE, options).format(date);
}

function daysAgo(date: Date): number {
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
}
