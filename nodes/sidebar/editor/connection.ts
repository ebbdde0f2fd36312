import type { Overview } from '../answers.ts';
import { element } from './dom.ts';
import { type Mood, moodSign, Section } from './section.ts';
import { duration, number, text, timeOfDay } from './texts.ts';

const MOODS: Record<Overview['connection']['state'], Mood> = {
  ready: 'good',
  connecting: 'warn',
  reconnecting: 'warn',
  refused: 'bad',
};
/** From this share of a limit on it is worth a look. */
const CLOSE = 0.8;

/** Whether the bot is connected, how fast, and how far from Discord's limits. */
export class ConnectionSection extends Section {
  constructor() {
    super('connection');
  }

  update({ connection, headroom, communities, flowsRun, sandbox }: Overview): void {
    const { global, invalid, heldUp, tightest } = headroom;
    const tight = tightest && { ...tightest, resetsInMilliseconds: 0 };
    this.show(
      [connection, global, invalid, heldUp, tight, communities.map(({ name }) => name), flowsRun, sandbox],
      () => {
        const { state, problem, fix, bot, latency } = connection;
        const mood = flowsRun ? MOODS[state] : 'warn';
        const servers = communities.map(({ id, name }) => name ?? id).join(', ');
        return {
          mood,
          summary: state === 'ready' && latency !== null ? duration(latency) : '',
          children: [
            element(
              'p',
              { class: 'guildhall-state' },
              moodSign(MOODS[state]),
              state === 'ready' ? text('connection.ready', { bot: bot ?? '' }) : problem,
            ),
            fix ? element('p', { class: 'guildhall-fix' }, fix) : null,
            flowsRun ? null : element('p', { class: 'guildhall-fix' }, text('connection.stopped')),
            element(
              'dl',
              { class: 'guildhall-facts' },
              ...fact('discord', sandbox ? text('connection.sandbox') : text('connection.live')),
              ...fact('servers', servers || text('connection.none')),
              ...fact('latency', latency === null ? text('connection.measuring') : duration(latency)),
            ),
            element('h4', {}, text('connection.headroom')),
            element(
              'ul',
              { class: 'guildhall-meters' },
              meter(text('connection.global'), global.used, global.limit),
              tightest &&
                meter(
                  text('connection.tightest', { route: tightest.route }),
                  tightest.limit - tightest.left,
                  tightest.limit,
                ),
              meter(text('connection.invalid'), invalid.used, invalid.limit),
            ),
            heldUp &&
              element(
                'p',
                { class: 'guildhall-note' },
                text('connection.heldUp', { route: heldUp.route, time: timeOfDay(heldUp.at) }),
              ),
          ],
        };
      },
    );
  }
}

const fact = (name: string, value: string): HTMLElement[] => [
  element('dt', {}, text(`connection.${name}`)),
  element('dd', {}, value),
];

/** How much of a limit is used, as a bar and in words. */
function meter(name: string, used: number, limit: number): HTMLElement {
  const share = Math.min(1, used / limit);
  const bar = element('span', {
    class: `guildhall-bar ${share >= CLOSE ? 'guildhall-full' : ''}`,
    'aria-hidden': 'true',
  });
  const fill = element('span');
  fill.style.width = `${share * 100}%`;
  bar.append(fill);
  const words = text('connection.used', { used: number(used), limit: number(limit) });
  return element(
    'li',
    {},
    element('span', { class: 'guildhall-name' }, name),
    element('span', { class: 'guildhall-count' }, words),
    bar,
  );
}
