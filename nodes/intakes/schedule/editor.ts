import { COLOURS } from '../../kit/editor/colours.ts';
import { type EditorTable, keyOf } from '../../kit/editor/table.ts';

export default {
  colour: COLOURS.intakes,
  icon: 'guildhall-schedule.svg',
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    { kind: 'select', name: 'repeat', icon: 'repeat' },
    { kind: 'select', name: 'weekday', icon: 'calendar-o', showIf: { repeat: ['every week'] } },
    { kind: 'text', name: 'time', icon: 'clock-o', showIf: { repeat: ['every day', 'weekdays', 'every week'] } },
    { kind: 'select', name: 'hours', icon: 'clock-o', showIf: { repeat: ['hours'] } },
    { kind: 'select', name: 'minutes', icon: 'clock-o', showIf: { repeat: ['minutes'] } },
    { kind: 'text', name: 'cron', icon: 'terminal', required: true, check: 'cron', showIf: { repeat: ['cron'] } },
    { kind: 'text', name: 'timeZone', icon: 'globe', check: 'timeZone' },
    { kind: 'number', name: 'lateMinutes', icon: 'hourglass-half' },
  ],
  label: ({ repeat, time, weekday, hours, minutes, cron }, t) =>
    t(`labels.${keyOf(String(repeat ?? ''))}`, {
      time: String(time ?? ''),
      weekday: t(`choices.weekday.${weekday}`),
      hours: String(hours ?? ''),
      minutes: String(minutes ?? ''),
      cron: String(cron ?? ''),
    }),
} satisfies EditorTable;
