import { voiceStateObject } from '../payloads/people.ts';
import { CHANNEL } from '../rules/channel.ts';
import { allows, PERMISSION } from '../rules/permissions.ts';
import type { Channel, Member, VoiceState } from '../state/model.ts';
import { changeVoiceState, voiceStateOf } from '../voice.ts';
import { timestamp, type World } from '../world.ts';
import { refusal } from './errors.ts';
import { botMember, botPermissions, findChannel, findMember } from './find.ts';
import { type Answer, type Call, noContent, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const SEEN = { guild: 0n };
const REGION = { id: 'sandbox', name: 'Sandbox', custom: false, deprecated: false, optimal: true };
const OWN = '/guilds/:guild/voice-states/@me';
const OF = '/guilds/:guild/voice-states/:user';

/** Voice states and regions (docs: resources/voice). */
export const VOICE_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/voice/regions', run: () => ok([REGION]) },
  { method: 'GET', path: '/guilds/:guild/regions', needs: SEEN, run: () => ok([REGION]) },
  { method: 'GET', path: OWN, needs: SEEN, run: getState },
  { method: 'GET', path: OF, needs: SEEN, run: getState },
  { method: 'PATCH', path: OWN, needs: SEEN, schema: BODY.ownVoiceState, run: changeOwn },
  { method: 'PATCH', path: OF, needs: SEEN, schema: BODY.voiceState, run: change },
];

/** The member that a path names, the bot without a name, with its voice state. */
function connected(call: Call): { member: Member; state: VoiceState } {
  const { world } = call;
  const guildId = param(call, 'guild');
  const member =
    call.params.user === undefined ? botMember(world, guildId) : findMember(world, guildId, call.params.user);
  const state = voiceStateOf(world, member);
  if (state === undefined) throw refusal(10065);
  return { member, state };
}

function getState(call: Call): Answer {
  const { member, state } = connected(call);
  return ok(voiceStateObject(call.world.store, member, state));
}

/** The stage that somebody is on; the body must name it, or no channel. */
function stageOf({ world, body }: Call, state: VoiceState): Channel {
  const stage = findChannel(world, state.channel_id);
  if (stage.type !== CHANNEL.STAGE) throw refusal(50024);
  if (typeof body.channel_id === 'string' && body.channel_id !== stage.id) throw refusal(10003);
  return stage;
}

function need(world: World, stage: Channel, bit: bigint): void {
  if (!allows(botPermissions(world, stage), bit)) throw refusal(50013);
}

/** The bot speaks, listens, or asks to speak on its stage (docs: "Modify Current User Voice State"). */
function changeOwn(call: Call): Answer {
  const { world, body } = call;
  const { member, state } = connected(call);
  const stage = stageOf(call, state);
  const { suppress, request_to_speak_timestamp: asked } = body;
  if (suppress === false) need(world, stage, PERMISSION.MUTE_MEMBERS);
  if (typeof asked === 'string') need(world, stage, PERMISSION.REQUEST_TO_SPEAK);
  changeVoiceState(world, member, {
    ...(typeof suppress === 'boolean' ? { suppress } : {}),
    ...(asked === undefined ? {} : { request_to_speak_timestamp: typeof asked === 'string' ? asked : null }),
  });
  return noContent;
}

/** Invites a member of a stage to speak, or has it listen (docs: "Modify User Voice State"). */
function change(call: Call): Answer {
  const { world, body } = call;
  const { member, state } = connected(call);
  need(world, stageOf(call, state), PERMISSION.MUTE_MEMBERS);
  if (typeof body.suppress !== 'boolean') return noContent;
  const { suppress } = body;
  const invited = !suppress && member.user_id !== world.bot.id;
  changeVoiceState(world, member, { suppress, request_to_speak_timestamp: invited ? timestamp(world) : null });
  return noContent;
}
