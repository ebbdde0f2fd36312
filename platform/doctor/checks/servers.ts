import { type Configuration, meantBy } from '../../configuration.ts';
import type { InspectedChannel, InspectedRole } from '../../discord/inspection.ts';
import { channelPermissions, guildPermissions, missingFrom, type PermissionName } from '../../discord/permissions.ts';
import type { DeployedNeed } from '../../needs.ts';
import { type Check, ok, problem, Silent, type Verdict } from '../check.ts';
import type { Look, ServerLook } from '../look.ts';

/** Text and announcement channels (Discord's channel types): what a flow names by its name. */
const TEXT_CHANNELS = new Set([0, 5]);

/** A check of each server that the flows work in. */
const ofEachServer = (id: string, run: (server: ServerLook, look: Look) => Verdict[]): Check => ({
  id,
  area: 'server',
  run: async (look) => {
    // A server that Discord does not tell of says nothing about the others.
    const verdicts = await Promise.allSettled(look.servers().map(async (guild) => run(await look.server(guild), look)));
    return verdicts.flatMap((one) => {
      if (one.status === 'fulfilled') return one.value;
      if (one.reason instanceof Silent) return [];
      throw one.reason;
    });
  },
});

/** What the flows ask of servers: that the bot may do it, and that what they name is there. */
export const FLOW_CHECKS: readonly Check[] = [
  ofEachServer('server-permissions', (server, { texts }) => {
    const needed = permissionsOf(server.needs.filter(({ channel }) => !channel));
    const lacking = missingFrom(guildPermissions(server.facts), needed);
    const values = { server: server.guild.name, role: server.botRole?.name ?? '@everyone' };
    const about = server.guild.id;
    if (lacking.length === 0) {
      return [
        ok('server-permissions.ok', { ...values, permissions: texts.permissions(needed) || texts.word('none') }, about),
      ];
    }
    return [problem('server-permissions.missing', { ...values, permissions: texts.permissions(lacking) }, about)];
  }),
  ofEachServer('channel', (server, look) => {
    const named = Map.groupBy(
      server.needs.filter(({ channel }) => channel),
      ({ channel = '' }) => channel,
    );
    return [...named].map(([name, needs]) => channelVerdict(server, look, name, needs));
  }),
  ofEachServer('role-order', (server, { configuration }) => {
    const moved = named(server, configuration, 'movesRoles').flatMap(({ role }) => role ?? []);
    if (moved.length === 0) return [];
    const values = { server: server.guild.name, bot: server.botRole?.name ?? '@everyone' };
    const managed = moved.find((role) => role.managed);
    if (managed) return [problem('role-order.managed', { ...values, role: managed.name }, server.guild.id)];
    // One drag above the highest of them mends all.
    const highest = moved.reduce((top, role) => (role.position > top.position ? role : top));
    return [
      highest.position < server.topPosition
        ? ok('role-order.ok', values, server.guild.id)
        : problem('role-order.below', { ...values, role: highest.name }, server.guild.id),
    ];
  }),
  ofEachServer('role', (server, { configuration }) =>
    named(server, configuration, 'movesRoles')
      .filter(({ role }) => !role)
      .map(({ name, need }) =>
        problem('role.missing', { role: name, server: server.guild.name, node: nodeInWords(need) }, name),
      ),
  ),
  ofEachServer('approver-roles', (server, { configuration }) => {
    const roles = named(server, configuration, 'namesRoles');
    if (roles.length === 0) return [];
    const found = roles.flatMap(({ role }) => role?.name ?? []);
    const names = roles.map(({ name }) => name).join(', ');
    const values = { server: server.guild.name, roles: found.join(', ') || names };
    return [
      found.length > 0
        ? ok('approver-roles.ok', values, server.guild.id)
        : problem('approver-roles.missing', values, server.guild.id),
    ];
  }),
];

/** The servers: whether the bot is there, what the flows ask of it, and whether Discord has their commands. */
export const SERVER_CHECKS: readonly Check[] = [
  {
    id: 'server',
    area: 'server',
    run: async (look) => {
      const { id: own } = await look.self();
      return Promise.all(
        look.servers().map(async (id) => {
          const guild = await look.ask().guild(id);
          if (guild.kind !== 'done') {
            if (guild.kind === 'retry') return problem('server.unread', { id, reason: guild.message }, id);
            return problem('server.absent', { id, link: look.inviteLink() }, id);
          }
          const others = await Promise.all([look.ask().channels(id), look.ask().member(id, own)]);
          const [failed] = others.flatMap((outcome) => (outcome.kind === 'done' ? [] : outcome));
          return failed
            ? problem('server.unread', { id, reason: failed.message }, id)
            : ok('server.ok', { server: guild.value.name }, id);
        }),
      );
    },
  },
  ...FLOW_CHECKS,
  {
    id: 'commands',
    area: 'server',
    run: async ({ registration, texts, self }) => {
      if (!registration) return [];
      await self();
      const reason = registration.problems().join(' ');
      if (!registration.registered())
        return [problem('commands.differ', { reason: reason || texts.word('onTheirWay') })];
      return [reason ? problem('commands.twice', { reason }) : ok('commands.ok')];
    },
  },
];

function channelVerdict(
  server: ServerLook,
  { configuration, texts }: Look,
  name: string,
  needs: DeployedNeed[],
): Verdict {
  const channel = findChannel(server.channels, meantBy(configuration, 'channels', name, server.guild.id));
  const values = { channel: channel?.name ?? name, server: server.guild.name, node: nodeInWords(needs[0]) };
  const about = `${server.guild.id}/${name}`;
  if (!channel) return problem('channel.missing', values, about);
  const needed = permissionsOf(needs);
  const lacking = missingFrom(channelPermissions(server.facts, channel.permission_overwrites ?? []), needed);
  if (lacking.length === 0) return ok('channel.ok', { ...values, permissions: texts.permissions(needed) }, about);
  const everywhere = missingFrom(guildPermissions(server.facts), lacking);
  return problem(
    everywhere.length > 0 ? 'channel.lacks' : 'channel.overwritten',
    { ...values, role: server.botRole?.name ?? '@everyone', permissions: texts.permissions(lacking) },
    about,
  );
}

/** A channel as flows name it: by id, or by its name as a member sees it. */
export function findChannel(channels: readonly InspectedChannel[], name: string): InspectedChannel | undefined {
  return channels.find(({ id, name: called, type }) => id === name || (called === name && TEXT_CHANNELS.has(type)));
}

function permissionsOf(needs: readonly DeployedNeed[]): PermissionName[] {
  return [...new Set(needs.flatMap(({ permissions = [] }) => permissions))].sort();
}

/** The roles that nodes name, each once, with the role of the server where there is one. */
function named(server: ServerLook, configuration: Configuration, what: 'movesRoles' | 'namesRoles') {
  const found = new Map<string, { name: string; role: InspectedRole | undefined; need: DeployedNeed }>();
  for (const need of server.needs) {
    for (const name of need[what] ?? []) {
      const meant = meantBy(configuration, 'roles', name, server.guild.id);
      const role = server.guild.roles.find((candidate) => candidate.id === meant || candidate.name === meant);
      found.set(name, { name, role, need });
    }
  }
  return [...found.values()];
}

function nodeInWords(need: DeployedNeed | undefined): string {
  return need?.node.name || need?.node.type.replace(/^guildhall-/, '').replaceAll('-', ' ') || '';
}
