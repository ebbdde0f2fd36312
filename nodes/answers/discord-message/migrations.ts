import type { Migrations } from '../../kit/migrations.ts';

/** The one value that a template consists of: `{{payload.channel}}`, `{{{payload.channel}}}`. */
const ONE_VALUE = /^\s*\{\{\{?\s*([\w.$-]+)\s*\}\}\}?\s*$/;
const TAG = /\{\{\{?\s*([\w.$-]+)\s*\}\}\}?/;

export const migrations: Migrations = {
  // The channel was a template; it now comes from wherever a value may come. Members were ids that one typed.
  1: (config) => ({
    ...config,
    ...channelOf(String(config.channel ?? '')),
    ...(config.memberType === 'str' && { memberType: 'member' }),
    // A message was edited and deleted in its channel, whatever this said.
    ...((config.operation ?? 'send') !== 'send' && { target: 'channel' }),
    ...((config.pingType ?? 'str') === 'str' && { pingType: 'member' }),
  }),
};

function channelOf(template: string): { channel: string; channelType: string } {
  if (!template.includes('{{')) return { channel: template.trim(), channelType: 'channel' };
  const [, path] = ONE_VALUE.exec(template) ?? [];
  if (path) return { channel: path, channelType: 'msg' };
  // Split by the tags: texts at even places, the paths between them at odd ones.
  const parts = template
    .split(TAG)
    .map((part, index) => (index % 2 === 0 ? JSON.stringify(part) : pathInJsonata(part)));
  return { channel: parts.filter((part) => part !== '""').join(' & '), channelType: 'jsonata' };
}

const pathInJsonata = (path: string): string =>
  path
    .split('.')
    .map((key) => `\`${key}\``)
    .join('.');
