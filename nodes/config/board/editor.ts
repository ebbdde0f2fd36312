import { NOT_FOR_METRICS } from '../../../core/boards/metric-names.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

const LONGEST_KEY = 32;
const KEEPS_TIME = { reset: ['weekly', 'monthly'] };

/** A title as commands and addresses can call it: `Fastest lap` as `fastest-lap`. */
function keyFor(title: string): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, LONGEST_KEY)
    .replace(/-$/, '');
}

export default {
  icon: 'guildhall-board.svg',
  standsAlone: true,
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    { kind: 'text', name: 'title', icon: 'header' },
    {
      kind: 'text',
      name: 'key',
      icon: 'key',
      required: true,
      suggested: { by: 'title', as: keyFor },
      rivals: ({ key }, others) => key === others.key,
    },
    { kind: 'number', name: 'position', icon: 'sort-numeric-asc' },
    { kind: 'section', name: 'metrics' },
    {
      kind: 'list',
      name: 'metrics',
      icon: 'calculator',
      required: true,
      unique: 'name',
      columns: [
        { name: 'name', kind: 'text', span: 5 },
        { name: 'operator', kind: 'select', span: 4 },
        { name: 'weight', kind: 'number', span: 3 },
      ],
      summary: ({ name, operator, weight }, t) => [
        String(name ?? ''),
        t(`choices.metrics.operator.${operator}`),
        Number(weight) === 0 ? t('summary.unweighted') : `× ${weight}`,
      ],
      judge: ({ name }) =>
        NOT_FOR_METRICS.includes(String(name)) ? { column: 'name', key: 'problems.notForMetrics' } : null,
    },
    { kind: 'select', name: 'best', icon: 'trophy' },
    { kind: 'section', name: 'tiers', closes: true },
    {
      kind: 'list',
      name: 'tiers',
      icon: 'star',
      unique: 'name',
      columns: [
        { name: 'name', kind: 'text', span: 8 },
        { name: 'until', kind: 'number', span: 4 },
      ],
      summary: ({ name, until }, t) => [String(name ?? ''), t('summary.until', { rank: String(until ?? '') })],
    },
    { kind: 'section', name: 'reset' },
    { kind: 'select', name: 'reset', icon: 'refresh' },
    { kind: 'select', name: 'weekday', icon: 'calendar-o', showIf: { reset: ['weekly'] } },
    { kind: 'text', name: 'time', icon: 'clock-o', showIf: KEEPS_TIME },
    { kind: 'text', name: 'cron', icon: 'terminal', required: true, check: 'cron', showIf: { reset: ['seasonal'] } },
    {
      kind: 'text',
      name: 'timeZone',
      icon: 'globe',
      check: 'timeZone',
      showIf: { reset: ['weekly', 'monthly', 'seasonal'] },
    },
    { kind: 'section', name: 'keeping', closes: true },
    { kind: 'number', name: 'settleSeconds', icon: 'hourglass-half' },
    { kind: 'number', name: 'keepTopDays', icon: 'camera' },
    { kind: 'number', name: 'keepHistoryDays', icon: 'history' },
  ],
  begins: (others) => ({
    title: '',
    key: '',
    position: 1 + Math.max(-1, ...others.map(({ position }) => Number(position))),
    metrics: [{ name: '', operator: 'sum', weight: 1 }],
  }),
  label: ({ title }) => String(title ?? ''),
} satisfies EditorTable;
