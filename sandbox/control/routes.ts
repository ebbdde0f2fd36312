import * as z from 'zod';
import { ROUTES } from '../api/router.ts';
import type { JsonObject } from '../json.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';
import { shapeOf } from './faults.ts';
import { guildNamed, memberNamed } from './find.ts';
import { autocomplete, press, replay, runCommand, submit } from './interactions.ts';
import { changeRoles, join, leave, say } from './people.ts';
import { stateView } from './view.ts';

export interface ControlCall {
  world: World;
  body: JsonObject;
  query: URLSearchParams;
}

export interface ControlRoute {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  run(call: ControlCall): unknown;
}

/** The control API: what people do in Discord, what goes wrong, and what was asked of the REST API. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/sandbox/state',
    run: ({ world, query }) => stateView(world, guildNamed(world, query.get('guild'))),
  },
  { method: 'POST', path: '/sandbox/command', run: ({ world, body }) => runCommand(world, body) },
  { method: 'POST', path: '/sandbox/autocomplete', run: ({ world, body }) => autocomplete(world, body) },
  { method: 'POST', path: '/sandbox/press', run: ({ world, body }) => press(world, body) },
  { method: 'POST', path: '/sandbox/submit', run: ({ world, body }) => submit(world, body) },
  { method: 'POST', path: '/sandbox/replay', run: ({ world, body }) => replay(world, body) },
  { method: 'POST', path: '/sandbox/say', run: ({ world, body }) => say(world, body) },
  { method: 'POST', path: '/sandbox/join', run: ({ world, body }) => join(world, body) },
  { method: 'POST', path: '/sandbox/leave', run: ({ world, body }) => leave(world, body) },
  { method: 'POST', path: '/sandbox/roles', run: ({ world, body }) => changeRoles(world, body) },
  { method: 'GET', path: '/sandbox/faults', run: ({ world }) => world.faults.list() },
  { method: 'POST', path: '/sandbox/faults', run: ({ world, body }) => addFault(world, body) },
  { method: 'DELETE', path: '/sandbox/faults', run: ({ world }) => clearFaults(world) },
  { method: 'GET', path: '/sandbox/log', run: ({ world }) => world.log.entries() },
];

const gatewayFault = z.strictObject({
  gateway: z.enum(['drop', 'invalidate', 'reconnect', 'close']),
  code: z.int().min(1000).max(4999).optional(),
});
const memberFault = z.strictObject({ member: z.string(), dmsClosed: z.boolean(), guild: z.string().optional() });
const routeFault = z
  .strictObject({
    route: z
      .string()
      .regex(/^(GET|POST|PUT|PATCH|DELETE) \/\S+$/, 'must be a method and a path, such as "PATCH /guilds/:guild"')
      .optional(),
    status: z.int().min(200).max(599).optional(),
    code: z.int().optional(),
    retryAfter: z.number().min(0).max(86_400).optional(),
    delayMs: z.number().min(0).max(600_000).optional(),
    hang: z.boolean().optional(),
    times: z.int().min(1).optional(),
    after: z.boolean().optional(),
  })
  .refine(
    ({ status, retryAfter, delayMs, hang }) => hang || [status, retryAfter, delayMs].some((part) => part !== undefined),
    'say what goes wrong: status, retryAfter, delayMs or hang',
  );

function addFault(world: World, body: JsonObject): unknown {
  if (body.gateway !== undefined) {
    const { gateway, code } = parse(gatewayFault, body);
    if (gateway === 'drop') world.gateway.drop();
    else if (gateway === 'close') world.gateway.close(closeCode(code), 'Sandbox fault');
    else world.gateway.signal(gateway);
    return { gateway };
  }
  if (body.member !== undefined) {
    const { member: name, dmsClosed, guild } = parse(memberFault, body);
    const { user_id: id } = memberNamed(world, guildNamed(world, guild), name, 'member');
    if (dmsClosed) world.store.put('closedDms', id, { user_id: id });
    else world.store.remove('closedDms', id);
    return { member: id, dmsClosed };
  }
  const fault = parse(routeFault, body);
  const known = ROUTES.some(({ method, path }) => fault.route && shapeOf(`${method} ${path}`) === shapeOf(fault.route));
  if (fault.route !== undefined && !known) throw new ControlError(400, `route: there is no ${fault.route}`);
  world.faults.add(fault);
  return fault;
}

/** Codes that a server may close with; others would break the frame. */
function closeCode(code = 4000): number {
  const allowed = code >= 3000 || (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code));
  if (!allowed) throw new ControlError(400, `${code} is no close code that a server can send`);
  return code;
}

function clearFaults(world: World): unknown {
  world.faults.clear();
  for (const { user_id: id } of world.store.all('closedDms')) world.store.remove('closedDms', id);
  return { faults: [] };
}

function parse<T>(schema: z.ZodType<T>, body: JsonObject): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ControlError(400, `${issue?.path.join('.') || 'fault'}: ${issue?.message ?? 'not understood'}`);
}
