import { resolved } from '../interactions.ts';
import type { JsonObject } from '../json.ts';
import { allComponents, COMPONENT, isSelect } from '../rules/components.ts';
import type { Message } from '../state/model.ts';
import { ControlError } from './errors.ts';
import { findChannel, findMember, findRole, type Place } from './find.ts';

/** The component of a message that `customId` or `label` names, if a person could use it. */
export function findComponent(message: Message, { customId, label }: JsonObject): JsonObject {
  if (typeof customId !== 'string' && typeof label !== 'string') {
    throw new ControlError(400, 'name the component by "customId" or "label"');
  }
  const usable = allComponents(message.components).filter((component) => typeof component.custom_id === 'string');
  const component = usable.find((candidate) =>
    typeof customId === 'string'
      ? candidate.custom_id === customId
      : candidate.label === label || candidate.placeholder === label,
  );
  if (component === undefined)
    throw new ControlError(404, `that message has no component "${String(customId ?? label)}"`);
  if (component.disabled === true)
    throw new ControlError(409, `the component "${String(customId ?? label)}" is disabled`);
  return component;
}

/** The `data` of a component's interaction. */
export function pressData(place: Place, component: JsonObject, values: unknown): JsonObject {
  const base = { id: component.id, component_type: component.type, custom_id: component.custom_id };
  if (!isSelect(component)) {
    if (values !== undefined) throw new ControlError(400, 'a button takes no values');
    return base;
  }
  return { ...base, ...selection(place, component, values) };
}

/** The values that a select takes, with what they refer to. */
export function selection(
  place: Place,
  select: JsonObject,
  values: unknown,
): { values: string[]; resolved?: JsonObject } {
  if (!Array.isArray(values)) throw new ControlError(400, '"values" must be a list');
  const least = Number(select.min_values ?? 1);
  const most = Number(select.max_values ?? 1);
  if (values.length < least || values.length > most) {
    throw new ControlError(400, `this menu takes ${least} to ${most} values`);
  }
  const ids = { users: [] as string[], roles: [] as string[], channels: [] as string[] };
  const picked = [...new Set(values.map(String))].map((value) => pick(place, select, value, ids));
  const references = resolved(place.world, place.channel.guild_id, ids);
  return { values: picked, ...(references === undefined ? {} : { resolved: references }) };
}

function pick(
  { world, guild }: Place,
  select: JsonObject,
  value: string,
  ids: { users: string[]; roles: string[]; channels: string[] },
): string {
  const { type } = select;
  if (type === COMPONENT.STRING_SELECT) {
    const options = allOptions(select);
    const option =
      options.find((candidate) => candidate.value === value) ?? options.find((candidate) => candidate.label === value);
    if (option === undefined) throw new ControlError(400, `this menu has no option "${value}"`);
    return String(option.value);
  }
  const member =
    type === COMPONENT.USER_SELECT || type === COMPONENT.MENTIONABLE_SELECT
      ? findMember(world, guild, value)
      : undefined;
  if (member !== undefined) {
    ids.users.push(member.user_id);
    return member.user_id;
  }
  const role =
    type === COMPONENT.ROLE_SELECT || type === COMPONENT.MENTIONABLE_SELECT ? findRole(world, guild, value) : undefined;
  if (role !== undefined) {
    ids.roles.push(role.id);
    return role.id;
  }
  const channel = type === COMPONENT.CHANNEL_SELECT ? findChannel(world, guild, value) : undefined;
  if (channel === undefined) throw new ControlError(400, `this menu offers no "${value}"`);
  ids.channels.push(channel.id);
  return channel.id;
}

function allOptions(select: JsonObject): JsonObject[] {
  return Array.isArray(select.options) ? (select.options as JsonObject[]) : [];
}
