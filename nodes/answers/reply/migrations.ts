import type { Migrations } from '../../kit/migrations.ts';

export const migrations: Migrations = {
  // A reply answers web apps, too.
  1: (config) => ({ status: 200, body: 'payload', bodyType: 'msg', ...config }),
  // Answers to web apps can be kept.
  2: (config) => ({ keep: 'no', ...config }),
};
