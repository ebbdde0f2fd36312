import type { JsonObject } from '../json.ts';
import type { World } from '../world.ts';
import { deauthorize, editApplication } from './application.ts';
import { addFault, endFaults, listFaults } from './fault-kinds.ts';
import { UPLOAD_BODY } from './files.ts';
import { guildNamed } from './find.ts';
import { autocomplete, press, replay, runCommand, runContextCommand, submit } from './interactions.ts';
import { edit, react, remove, say } from './messages.ts';
import { changeRoles, join, leave } from './people.ts';
import { DOCUMENT_BYTES, load, save } from './saving.ts';
import { messagesPage, traceDetail } from './trace.ts';
import { stateView } from './view.ts';
import { speak } from './voice.ts';

export interface ControlCall {
  world: World;
  body: JsonObject;
  query: URLSearchParams;
}

export interface ControlRoute {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** The largest body in bytes, where it may hold files. */
  limit?: number;
  run(call: ControlCall): unknown;
}

/** The control API: what people do in Discord, what goes wrong, and what was asked of the REST API. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/sandbox/state',
    run: ({ world, query }) => stateView(world, guildNamed(world, query.get('guild'))),
  },
  { method: 'POST', path: '/sandbox/command', limit: UPLOAD_BODY, run: ({ world, body }) => runCommand(world, body) },
  { method: 'POST', path: '/sandbox/context', run: ({ world, body }) => runContextCommand(world, body) },
  { method: 'POST', path: '/sandbox/autocomplete', run: ({ world, body }) => autocomplete(world, body) },
  { method: 'POST', path: '/sandbox/press', run: ({ world, body }) => press(world, body) },
  { method: 'POST', path: '/sandbox/submit', limit: UPLOAD_BODY, run: ({ world, body }) => submit(world, body) },
  { method: 'POST', path: '/sandbox/replay', run: ({ world, body }) => replay(world, body) },
  { method: 'POST', path: '/sandbox/say', limit: UPLOAD_BODY, run: ({ world, body }) => say(world, body) },
  { method: 'POST', path: '/sandbox/edit', run: ({ world, body }) => edit(world, body) },
  { method: 'POST', path: '/sandbox/delete', run: ({ world, body }) => remove(world, body) },
  { method: 'POST', path: '/sandbox/react', run: ({ world, body }) => react(world, body) },
  { method: 'POST', path: '/sandbox/voice', run: ({ world, body }) => speak(world, body) },
  { method: 'POST', path: '/sandbox/join', run: ({ world, body }) => join(world, body) },
  { method: 'POST', path: '/sandbox/leave', run: ({ world, body }) => leave(world, body) },
  { method: 'POST', path: '/sandbox/roles', run: ({ world, body }) => changeRoles(world, body) },
  { method: 'POST', path: '/sandbox/application', run: ({ world, body }) => editApplication(world, body) },
  { method: 'POST', path: '/sandbox/deauthorize', run: ({ world, body }) => deauthorize(world, body) },
  { method: 'GET', path: '/sandbox/faults', run: ({ world }) => listFaults(world) },
  { method: 'POST', path: '/sandbox/faults', run: ({ world, body }) => addFault(world, body) },
  { method: 'DELETE', path: '/sandbox/faults', run: ({ world, query }) => endFaults(world, query.get('id')) },
  { method: 'GET', path: '/sandbox/save', run: ({ world }) => save(world) },
  { method: 'POST', path: '/sandbox/load', limit: DOCUMENT_BYTES, run: ({ world, body }) => load(world, body) },
  { method: 'GET', path: '/sandbox/log', run: ({ world }) => world.log.entries() },
  { method: 'GET', path: '/sandbox/messages', run: ({ world, query }) => messagesPage(world, query) },
  { method: 'GET', path: '/sandbox/trace', run: ({ world, query }) => traceDetail(world, query) },
];
