import { createMessage, MESSAGE_TYPE, markMessage } from '../messages.ts';
import { PERMISSION } from '../rules/permissions.ts';
import type { Channel, Message } from '../state/model.ts';
import { timestamp, type World } from '../world.ts';
import { refusal } from './errors.ts';
import { checkActive, findChannel, findMessage } from './find.ts';
import { shownMessage } from './messages.ts';
import { type Answer, type Call, noContent, ok, param, queryNumber, queryTime, type Route } from './route.ts';

const READ = { channel: PERMISSION.READ_MESSAGE_HISTORY };
const PIN = { channel: PERMISSION.READ_MESSAGE_HISTORY | PERMISSION.PIN_MESSAGES };
const CAP = 250;

/** Pinned messages, by today's paths and by those before them (docs: resources/message, "Get Channel Pins"). */
export const PIN_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/channels/:channel/messages/pins', needs: READ, run: listPins },
  {
    method: 'GET',
    path: '/channels/:channel/pins',
    needs: READ,
    run: (call) => ok(pinsOf(call).map((message) => shownMessage(call.world, message))),
  },
  ...['/channels/:channel/messages/pins/:message', '/channels/:channel/pins/:message'].flatMap((path): Route[] => [
    { method: 'PUT', path, needs: PIN, run: pin },
    { method: 'DELETE', path, needs: PIN, run: unpin },
  ]),
];

/** The pinned messages of a channel, the last pinned first. */
function pinsOf(call: Call): Message[] {
  return call.world.store
    .messagesOf(param(call, 'channel'))
    .filter(({ pinned, ephemeral_for }) => pinned && ephemeral_for === null)
    .sort((a, b) => pinnedAt(b) - pinnedAt(a));
}

function pinnedAt({ pinned_at, timestamp: written }: Message): number {
  return Date.parse(pinned_at ?? written);
}

function listPins(call: Call): Answer {
  const limit = queryNumber(call, 'limit', 50, 50);
  const before = queryTime(call, 'before') ?? Number.POSITIVE_INFINITY;
  const pins = pinsOf(call).filter((message) => pinnedAt(message) < before);
  const items = pins.slice(0, limit).map((message) => ({
    pinned_at: new Date(pinnedAt(message)).toISOString(),
    message: shownMessage(call.world, message),
  }));
  return ok({ items, has_more: pins.length > limit });
}

/** Pins a message, and says so in the channel as Discord does. */
function pin(call: Call): Answer {
  const { world } = call;
  const { channel, message } = named(call);
  if (message.pinned) return noContent;
  if (pinsOf(call).length >= CAP) throw refusal(30003);
  const now = timestamp(world);
  markMessage(world, message, { pinned: true, pinned_at: now });
  pinsChanged(world, channel, now);
  const { id: channel_id, guild_id } = channel;
  const about = { message_id: message.id, channel_id, ...(guild_id === null ? {} : { guild_id }) };
  createMessage(world, { channel, authorId: world.bot.id, body: {}, type: MESSAGE_TYPE.PINNED, about });
  return noContent;
}

function unpin(call: Call): Answer {
  const { world } = call;
  const { channel, message } = named(call);
  if (!message.pinned) return noContent;
  const { pinned_at: _, ...loose } = message;
  markMessage(world, loose, { pinned: false });
  pinsChanged(world, channel, channel.last_pin_timestamp ?? null);
  return noContent;
}

function named(call: Call): { channel: Channel; message: Message } {
  const channel = findChannel(call.world, param(call, 'channel'));
  checkActive(channel);
  return { channel, message: findMessage(call.world, channel.id, param(call, 'message')) };
}

function pinsChanged(world: World, channel: Channel, at: string | null): void {
  const { id, guild_id: guildId } = channel;
  world.store.put('channels', id, { ...channel, last_pin_timestamp: at });
  const guild = guildId === null ? {} : { guild_id: guildId };
  const data = { channel_id: id, last_pin_timestamp: at, ...guild };
  world.gateway.dispatch('CHANNEL_PINS_UPDATE', data, { guildId, channelId: id });
}
