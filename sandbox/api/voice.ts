import { voiceStateObject } from '../payloads/people.ts';
import { voiceStateOf } from '../voice.ts';
import { refusal } from './errors.ts';
import { botMember, findMember } from './find.ts';
import { type Call, ok, param, type Route } from './route.ts';

const SEEN = { guild: 0n };
const REGION = { id: 'sandbox', name: 'Sandbox', custom: false, deprecated: false, optimal: true };

/** Voice states and regions (docs: resources/voice). */
export const VOICE_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/voice/regions', run: () => ok([REGION]) },
  { method: 'GET', path: '/guilds/:guild/regions', needs: SEEN, run: () => ok([REGION]) },
  { method: 'GET', path: '/guilds/:guild/voice-states/@me', needs: SEEN, run: (call) => stateOf(call, '@me') },
  {
    method: 'GET',
    path: '/guilds/:guild/voice-states/:user',
    needs: SEEN,
    run: (call) => stateOf(call, param(call, 'user')),
  },
];

function stateOf(call: Call, user: string) {
  const { world } = call;
  const guildId = param(call, 'guild');
  const member = user === '@me' ? botMember(world, guildId) : findMember(world, guildId, user);
  const state = voiceStateOf(world, member);
  if (state === undefined) throw refusal(10065);
  return ok(voiceStateObject(world.store, member, state));
}
