import * as z from 'zod';
import { ROUTES } from '../api/router.ts';
import type { JsonObject } from '../json.ts';
import { PERMISSION } from '../rules/permissions.ts';
import type { World } from '../world.ts';
import { ControlError } from './errors.ts';
import { shapeOf } from './faults.ts';
import { findRole, guildNamed, memberNamed } from './find.ts';
import { givePermissionBack, lowerRole, raiseRole, takePermission } from './handicap.ts';

/** One that is in force, as `GET /sandbox/faults` lists it. */
type ActiveFault = JsonObject & { id: string };

/** One way for things to go wrong. */
interface FaultKind {
  /** The property by which a body says that it means this kind. */
  property: string;
  /** Makes it so, or mends it where the body says so. */
  add(world: World, body: JsonObject): unknown;
  list(world: World): ActiveFault[];
  /** Ends one of those that `list` names. */
  remove(world: World, fault: ActiveFault): void;
}

const guild = z.string().optional();
const gatewayFault = z.strictObject({
  gateway: z.enum(['drop', 'invalidate', 'reconnect', 'close', 'away', 'back']),
  code: z.int().min(1000).max(4999).optional(),
});
const memberFault = z.strictObject({ member: z.string(), dmsClosed: z.boolean(), guild });
const names = Object.keys(PERMISSION) as [string, ...string[]];
const permissionFault = z.strictObject({ permission: z.enum(names), lacking: z.boolean().default(true), guild });
const roleFault = z.strictObject({ role: z.string(), aboveBot: z.boolean(), guild });
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

const KINDS: readonly FaultKind[] = [
  {
    property: 'gateway',
    add(world, body) {
      const { gateway, code } = parse(gatewayFault, body);
      if (gateway === 'drop') world.gateway.drop();
      else if (gateway === 'close') world.gateway.close(closeCode(code), 'Sandbox fault');
      else if (gateway === 'away' || gateway === 'back') world.gateway.away = gateway === 'away';
      else world.gateway.signal(gateway);
      return { gateway };
    },
    list: (world) => (world.gateway.away ? [{ id: 'gateway', gateway: 'away' }] : []),
    remove(world) {
      world.gateway.away = false;
    },
  },
  {
    property: 'member',
    add(world, body) {
      const { member: name, dmsClosed, guild } = parse(memberFault, body);
      const { user_id: id } = memberNamed(world, guildNamed(world, guild), name, 'member');
      if (dmsClosed) world.store.put('closedDms', id, { user_id: id });
      else world.store.remove('closedDms', id);
      return { member: id, dmsClosed };
    },
    list: ({ store }) =>
      store.all('closedDms').map(({ user_id: member }) => ({ id: `dms-${member}`, member, dmsClosed: true })),
    remove: ({ store }, { member }) => store.remove('closedDms', String(member)),
  },
  {
    property: 'permission',
    add(world, body) {
      const { permission, lacking, guild } = parse(permissionFault, body);
      const { id } = guildNamed(world, guild);
      if (lacking) takePermission(world, id, permission);
      else givePermissionBack(world, id, permission);
      return { permission, lacking, guild: id };
    },
    list: ({ store }) =>
      store.all('handicaps').flatMap(({ guild_id: guild, permissions }) =>
        permissions.map((permission) => ({
          id: `permission-${guild}-${permission}`,
          permission,
          lacking: true,
          guild,
        })),
      ),
    remove: (world, { guild, permission }) => givePermissionBack(world, String(guild), String(permission)),
  },
  {
    property: 'role',
    add(world, body) {
      const { role: name, aboveBot, guild } = parse(roleFault, body);
      const place = guildNamed(world, guild);
      const role = findRole(world, place, name);
      if (role === undefined) throw new ControlError(404, `there is no role "${name}" in ${place.name}`);
      if (aboveBot) raiseRole(world, role);
      else lowerRole(world, place.id, role.id);
      return { role: role.id, aboveBot, guild: place.id };
    },
    list: ({ store }) =>
      store
        .all('handicaps')
        .flatMap(({ guild_id: guild, raised }) =>
          raised.map(({ role_id: role }) => ({ id: `role-${role}`, role, aboveBot: true, guild })),
        ),
    remove: (world, { guild, role }) => lowerRole(world, String(guild), String(role)),
  },
  {
    property: 'route',
    add(world, body) {
      const fault = parse(routeFault, body);
      const { route } = fault;
      const known = ROUTES.some(({ method, path }) => route && shapeOf(`${method} ${path}`) === shapeOf(route));
      if (route !== undefined && !known) throw new ControlError(400, `route: there is no ${route}`);
      return world.faults.add(fault);
    },
    list: (world) => world.faults.list().map((fault) => ({ ...fault })),
    remove: (world, { id }) => world.faults.remove(id),
  },
];

/** Lets something go wrong as a body says; one that names nothing else is about routes. */
export function addFault(world: World, body: JsonObject): unknown {
  const kind = KINDS.find(({ property }) => body[property] !== undefined) ?? KINDS.at(-1);
  return kind?.add(world, body);
}

/** All that goes wrong on purpose now, each with the id that ends it. */
export function listFaults(world: World): ActiveFault[] {
  return KINDS.flatMap((kind) => kind.list(world));
}

/** Ends the fault of an id, or all of them. */
export function endFaults(world: World, id: string | null): unknown {
  let ended = 0;
  for (const kind of KINDS) {
    for (const fault of kind.list(world)) {
      if (id !== null && fault.id !== id) continue;
      kind.remove(world, fault);
      ended++;
    }
  }
  if (id !== null && ended === 0) throw new ControlError(404, `there is no fault "${id}"`);
  return { faults: listFaults(world) };
}

/** Codes that a server may close with; others would break the frame. */
function closeCode(code = 4000): number {
  const allowed = code >= 3000 || (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code));
  if (!allowed) throw new ControlError(400, `${code} is no close code that a server can send`);
  return code;
}

function parse<T>(schema: z.ZodType<T>, body: JsonObject): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ControlError(400, `${issue?.path.join('.') || 'fault'}: ${issue?.message ?? 'not understood'}`);
}
