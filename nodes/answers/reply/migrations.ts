import type { Migrations } from '../../kit/migrations.ts';

const OK = 200;
/** What HTTP calls a final answer; the schema takes no other. */
const HTTP_STATUS = /^[2-5]\d\d$/;

export const migrations: Migrations = {
  // A reply answers web apps, too.
  1: (config) => ({ status: OK, body: 'payload', bodyType: 'msg', ...config }),
  // Answers to web apps can be kept.
  2: (config) => ({ keep: 'no', ...config }),
  // Node-RED's editor keeps a node's badge as its `status`, and saved that in place of the number.
  3: ({ status, ...config }) => ({ httpStatus: HTTP_STATUS.test(String(status)) ? Number(status) : OK, ...config }),
};
