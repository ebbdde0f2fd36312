import { commandsOf } from '../api/commands.ts';
import { CALLBACK } from '../api/interactions.ts';
import {
  ANSWER_MS,
  createInteraction,
  deliver,
  INTERACTION,
  type NewInteraction,
  resolved,
  TOKEN_MS,
  until,
  updateInteraction,
} from '../interactions.ts';
import { isObject, type JsonObject } from '../json.ts';
import { COMMAND } from '../rules/command.ts';
import { whyNotOffered } from '../rules/offered.ts';
import type { Channel, Command, Guild, Interaction, Member } from '../state/model.ts';
import { scaled, type World } from '../world.ts';
import { findComponent, pressData } from './components.ts';
import { ControlError } from './errors.ts';
import { filesIn } from './files.ts';
import { channelNamed, guildNamed, memberNamed, messageNamed, permissionsIn } from './find.ts';
import { readInput } from './input.ts';
import { submitData } from './modal.ts';
import { commandData } from './options.ts';
import { messageView } from './view.ts';

/** How long a deferred answer is waited for. */
const PATIENCE_MS = 20_000;
const NO_ANSWER = 'The application did not respond';

/** A member runs a slash command; answers when the outcome is visible. */
export async function runCommand(world: World, body: JsonObject): Promise<JsonObject> {
  const { guild, member, channel } = place(world, body);
  const typed = readInput(body.input);
  const command = commandNamed(world, guild, member, channel, typed.words[0] ?? '');
  const data = commandData({ world, guild, channel }, command, typed, { files: filesIn(body.files) });
  const commandName = [command.name, ...typed.words.slice(1)].join(' ');
  return act(world, { type: INTERACTION.COMMAND, userId: member.user_id, channel, data, commandName }, body);
}

/** A member uses a command on another one, or on a message. */
export async function runContextCommand(world: World, body: JsonObject): Promise<JsonObject> {
  const onMember = body.user !== undefined;
  const message = onMember ? undefined : messageNamed(world, body).message;
  const { guild, member, channel } = place(world, { channel: message?.channel_id, ...body });
  const type = onMember ? COMMAND.USER : COMMAND.MESSAGE;
  const command = commandNamed(world, guild, member, channel, String(body.command), type);
  const id = message?.id ?? memberNamed(world, guild, body.user).user_id;
  const data = {
    id: command.id,
    name: command.name,
    type,
    ...(command.guild_id === null ? {} : { guild_id: command.guild_id }),
    target_id: id,
    resolved: resolved(world, channel.guild_id, onMember ? { users: [id] } : { messages: [id] }),
  };
  const request = { type: INTERACTION.COMMAND, userId: member.user_id, channel, data, commandName: command.name };
  return act(world, request, body);
}

/** The choices that the application offers while a member types. */
export async function autocomplete(world: World, body: JsonObject): Promise<JsonObject> {
  const { guild, member, channel } = place(world, body);
  const typed = readInput(body.input);
  const command = commandNamed(world, guild, member, channel, typed.words[0] ?? '');
  const data = commandData({ world, guild, channel }, command, typed, { typing: true });
  const type = INTERACTION.AUTOCOMPLETE;
  const interaction = createInteraction(world, { type, userId: member.user_id, channel, data });
  const answered = await until(
    world,
    interaction,
    scaled(world, ANSWER_MS),
    () => now(world, interaction).callback !== null,
  );
  if (!answered) return { interaction: interaction.id, choices: [], error: NO_ANSWER };
  return { interaction: interaction.id, choices: now(world, interaction).choices ?? [] };
}

/** A member uses a component of a message. */
export async function press(world: World, body: JsonObject): Promise<JsonObject> {
  const { message, member, channel, guild } = messageNamed(world, body);
  const component = findComponent(message, body);
  const data = pressData({ world, guild, channel }, component, body.values);
  return act(world, { type: INTERACTION.COMPONENT, userId: member.user_id, channel, data, source: message }, body);
}

/** A member submits the modal that an interaction opened. */
export async function submit(world: World, body: JsonObject): Promise<JsonObject> {
  const opener = world.store.get('interactions', String(body.interaction));
  const channel = opener && world.store.get('channels', opener.channel_id);
  if (opener === undefined || channel === undefined) throw new ControlError(404, 'there is no such interaction');
  const guild = guildNamed(world, opener.guild_id ?? body.guild);
  const member = memberNamed(world, guild, body.as);
  if (member.user_id !== opener.user_id) throw new ControlError(403, 'this member did not open that modal');
  if (opener.modal === null || !opener.modal_open) throw new ControlError(409, 'this interaction has no open modal');
  const data = submitData({ world, guild, channel }, opener.modal, {
    fields: body.fields,
    files: filesIn(body.files),
  });
  const source = opener.source_id === null ? undefined : world.store.get('messages', opener.source_id);
  const userId = member.user_id;
  const submitted: NewInteraction = { type: INTERACTION.MODAL_SUBMIT, userId, channel, data, source, opener };
  return act(world, submitted, body, (result) => {
    if (result.callback !== null) updateInteraction(world, opener.id, { modal_open: false });
  });
}

/** Sends INTERACTION_CREATE of a known interaction once more, as a gateway may. */
export function replay(world: World, body: JsonObject): JsonObject {
  const interaction = world.store.get('interactions', String(body.interaction));
  if (interaction === undefined) throw new ControlError(404, 'there is no such interaction');
  deliver(world, interaction);
  return { interaction: interaction.id };
}

function place(world: World, body: JsonObject): { guild: Guild; member: Member; channel: Channel } {
  const guild = guildNamed(world, body.guild);
  const member = memberNamed(world, guild, body.as);
  if (member.user_id === world.bot.id) throw new ControlError(400, 'the bot itself cannot use commands');
  const channel = channelNamed(world, guild, member, body.channel);
  if (channel.thread?.archived) throw new ControlError(409, 'nobody uses commands in an archived thread');
  return { guild, member, channel };
}

/** The command of a name that the member is shown in this channel. */
function commandNamed(
  world: World,
  guild: Guild,
  member: Member,
  channel: Channel,
  name: string,
  type: number = COMMAND.CHAT_INPUT,
): Command {
  const dm = channel.guild_id === null;
  const scopes = dm ? [null] : [guild.id, null];
  const all = scopes.flatMap((scope) => commandsOf(world, scope)).filter((command) => command.type === type);
  const command = all.find((candidate) => candidate.name === name);
  if (command === undefined)
    throw new ControlError(400, `there is no command "${type === COMMAND.CHAT_INPUT ? '/' : ''}${name}"`);
  const refused = whyNotOffered(command, dm ? null : permissionsIn(world, member, channel));
  if (refused !== undefined) throw new ControlError(403, refused);
  return command;
}

/** Sends an interaction and waits for what the member sees of it; only for its acknowledgement with `wait: false`. */
async function act(
  world: World,
  request: NewInteraction,
  body: JsonObject,
  after?: (result: Interaction) => void,
): Promise<JsonObject> {
  const source = request.source;
  const sent = performance.now();
  const interaction = createInteraction(world, request);
  const times: Times = { acknowledged: null, answered: null };
  const acknowledged = () => {
    if (now(world, interaction).acknowledged === null) return false;
    times.acknowledged ??= elapsed(sent);
    return true;
  };
  await until(world, interaction, scaled(world, ANSWER_MS), acknowledged);
  const first = now(world, interaction);
  after?.(first);
  if (first.acknowledged === null) return result(world, first, times, NO_ANSWER);
  // A page sees the answer come by itself.
  const wait = body.wait === false ? 0 : Math.min(PATIENCE_MS, scaled(world, TOKEN_MS));
  const visible = () => {
    const current = now(world, interaction);
    const updated = current.callback === CALLBACK.DEFER_UPDATE && source !== undefined;
    const edited = updated && world.store.get('messages', source.id)?.edited_timestamp !== source.edited_timestamp;
    if (current.answered === null && !edited) return false;
    times.answered ??= elapsed(sent);
    return true;
  };
  const done = await until(world, interaction, wait, visible);
  const last = now(world, interaction);
  const silent = !done && body.wait !== false && last.callback === CALLBACK.DEFER;
  return result(world, last, times, silent ? 'The application deferred its answer and did not send it' : undefined);
}

/** Milliseconds from sending an interaction to its acknowledgement and its visible answer. */
interface Times {
  acknowledged: number | null;
  answered: number | null;
}

function elapsed(since: number): number {
  return Math.round((performance.now() - since) * 100) / 100;
}

function result(world: World, interaction: Interaction, times: Times, error: string | undefined): JsonObject {
  const { callback, modal } = interaction;
  const ids = callback === null ? [] : [interaction.original_id, ...interaction.followups];
  const messages = ids.flatMap((id) => {
    const message = id === null ? undefined : world.store.get('messages', id);
    return message === undefined ? [] : [messageView(world, message)];
  });
  return {
    interaction: interaction.id,
    acknowledgedMs: times.acknowledged,
    answeredMs: times.answered,
    messages,
    ...(isObject(modal) ? { modal } : {}),
    ...(error === undefined ? {} : { error }),
  };
}

function now(world: World, interaction: Interaction): Interaction {
  return world.store.get('interactions', interaction.id) ?? interaction;
}
