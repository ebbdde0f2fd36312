import { isObject, type JsonObject, list } from '../json.ts';
import { commandObject } from '../payloads/commands.ts';
import { checkCommand } from '../rules/command.ts';
import type { Command, CommandOption } from '../state/model.ts';
import type { World } from '../world.ts';
import { FormCheck, refusal } from './errors.ts';
import { botMember, findGuild } from './find.ts';
import { type Call, noContent, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

/** How many commands of a type an application may have, global and again in each guild. */
const CAPS: Record<number, number> = { 1: 100, 2: 15, 3: 15 };

/** Application commands, global and of a guild (docs: interactions/application-commands, "Endpoints"). */
export const COMMAND_ROUTES: readonly Route[] = [
  '/applications/:application/commands',
  '/applications/:application/guilds/:guild/commands',
].flatMap((path): Route[] => [
  { method: 'GET', path, run: (call) => ok(commandsOf(call.world, scopeOf(call)).map(commandObject)) },
  { method: 'PUT', path, schema: BODY.commandSet, run: replaceAll },
  { method: 'POST', path, schema: BODY.commandCreate, run: create },
  { method: 'GET', path: `${path}/:command`, run: (call) => ok(commandObject(commandOf(call))) },
  { method: 'PATCH', path: `${path}/:command`, schema: BODY.commandEdit, run: edit },
  {
    method: 'DELETE',
    path: `${path}/:command`,
    run: (call) => {
      call.world.store.remove('commands', commandOf(call).id);
      return noContent;
    },
  },
]);

/** The commands of a guild, or the global ones (null), oldest first. */
export function commandsOf(world: World, guildId: string | null): Command[] {
  return world.store.all('commands').filter((command) => command.guild_id === guildId);
}

function scopeOf(call: Call): string | null {
  if (param(call, 'application') !== call.world.application.id) throw refusal(20012);
  const guildId = call.params.guild;
  if (guildId === undefined) return null;
  botMember(call.world, findGuild(call.world, guildId).id);
  return guildId;
}

function commandOf(call: Call): Command {
  const scope = scopeOf(call);
  const command = call.world.store.get('commands', param(call, 'command'));
  if (command === undefined || command.guild_id !== scope) throw refusal(10063);
  return command;
}

/** Makes the list the whole set: names that were there keep their id. */
function replaceAll(call: Call) {
  const { world, raw } = call;
  const scope = scopeOf(call);
  const bodies = list(raw).filter(isObject);
  const form = new FormCheck();
  const seen = new Set<string>();
  for (const [index, body] of bodies.entries()) {
    const key = `${body.type ?? 1} ${String(body.name)}`;
    checkCommand(body, form.at(index));
    if (seen.has(key))
      form.at(index).add('APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique');
    seen.add(key);
  }
  form.done();
  checkCaps(bodies.map(({ type }) => Number(type ?? 1)));
  const old = commandsOf(world, scope);
  const next = bodies.map((body) =>
    commandFrom(
      world,
      scope,
      body,
      old.find((command) => isSame(command, body)),
    ),
  );
  for (const command of old) world.store.remove('commands', command.id);
  for (const command of next) world.store.put('commands', command.id, command);
  return ok(next.map(commandObject));
}

/** Adds a command, or replaces the one of the same name and type. */
function create(call: Call) {
  const { world, body } = call;
  const scope = scopeOf(call);
  checkCommand(body).done();
  const commands = commandsOf(world, scope);
  const old = commands.find((command) => isSame(command, body));
  if (old === undefined) checkCaps([...commands.map(({ type }) => type), Number(body.type ?? 1)]);
  const command = commandFrom(world, scope, body, old);
  world.store.put('commands', command.id, command);
  return { status: old === undefined ? 201 : 200, body: commandObject(command) };
}

function edit(call: Call) {
  const { world, body } = call;
  const old = commandOf(call);
  const whole: JsonObject = { ...old, ...body, type: old.type };
  checkCommand(whole).done();
  const command = commandFrom(world, old.guild_id, whole, old);
  world.store.put('commands', command.id, command);
  return ok(commandObject(command));
}

function checkCaps(types: number[]): void {
  for (const [type, cap] of Object.entries(CAPS)) {
    if (types.filter((other) => other === Number(type)).length > cap) throw refusal(30032);
  }
}

function isSame(command: Command, body: JsonObject): boolean {
  return command.name === body.name && command.type === Number(body.type ?? 1);
}

function commandFrom(world: World, guildId: string | null, body: JsonObject, old: Command | undefined): Command {
  const id = old?.id ?? world.newId();
  const permissions = body.default_member_permissions;
  const contexts = Array.isArray(body.contexts) ? body.contexts.map(Number) : null;
  return {
    id,
    application_id: world.application.id,
    guild_id: guildId,
    version: world.newId(),
    type: Number(body.type ?? 1),
    name: String(body.name),
    name_localizations: isObject(body.name_localizations) ? body.name_localizations : null,
    description: typeof body.description === 'string' ? body.description : '',
    description_localizations: isObject(body.description_localizations) ? body.description_localizations : null,
    options: list(body.options).filter(isObject).map(optionFrom),
    default_member_permissions: permissions === undefined || permissions === null ? null : String(permissions),
    dm_permission: contexts === null ? body.dm_permission !== false : contexts.includes(1),
    contexts,
    integration_types: Array.isArray(body.integration_types) ? body.integration_types.map(Number) : [0],
    nsfw: body.nsfw === true,
  };
}

/** An option as Discord gives it back: nothing that is null or empty. */
function optionFrom(option: JsonObject): CommandOption {
  const kept = Object.entries(option).filter(
    ([key, value]) => value !== null && !(key === 'required' && value === false),
  );
  const inner = list(option.options).filter(isObject).map(optionFrom);
  const filled = { ...Object.fromEntries(kept), ...(option.options === undefined ? {} : { options: inner }) };
  return filled as unknown as CommandOption;
}
