import { stopTestServer } from './database.ts';

/** mocha's root hooks: what the whole run shares ends with it. */
export const mochaHooks = {
  afterAll: stopTestServer,
};
