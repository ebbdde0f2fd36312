import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from '../../platform/doctor/index.ts';
import { newFolder, removeFolders } from '../sandbox/kit.ts';

const DOCTOR = join(resolve(import.meta.dirname, '../..'), 'dist', 'program', 'doctor.js');

describe('the doctor at a terminal', () => {
  after(removeFolders);

  it('writes no control characters of names that others chose', async () => {
    const finding: Finding = {
      id: 'guild:1',
      area: 'server',
      state: 'warning',
      title: 'The server \u001b[2J\u001b]0;owned\u0007hall',
      detail: 'Its role \u009b31m\r\nok       All is well \u202e',
      fix: 'Move\u0008 it up',
    };
    const server = createServer((_request, response) => response.end(JSON.stringify([finding])));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const env = { PATH: process.env.PATH, PORT: String(port), GUILDHALL_DATA: newFolder() };
    const { stdout } = await promisify(execFile)(process.execPath, [DOCTOR], { env }).finally(() => server.close());
    const [, warning, fix, ...more] = stdout.split('\n');
    assert.equal(warning, 'warning  The server  [2J ]0;owned hall. Its role  31m ok       All is well  ');
    assert.equal(fix, '         → Move  it up');
    assert.deepEqual(more, ['', '1 ok, 1 warning, 0 problems', '']);
  });
});
