import { wait } from './clock.ts';
import { buildCommands, type ComparedCommand, compareCommands, sameCommands } from './discord/commands.ts';
import type { Discord } from './discord/index.ts';
import type { Intakes } from './intakes.ts';
import type { Log } from './log.ts';

export interface Registration {
  /** Registers what the flows declare with Discord where it differs; comes back to it by itself when Discord is away. */
  sync(): void;
  /**
   * True once Discord has every community's commands as declared, and while a deploy changes what it had: false again
   * where that fails.
   */
  registered(): boolean;
  /** What is wrong: two nodes with one command, a refused set; nothing where the refused token says it all. */
  problems(): string[];
  /** What the flows declare beside what Discord was last seen to have; null before it was asked. */
  compare(community: string): ComparedCommand[] | null;
  stop(): void;
}

/** Missing access, unknown guild (Discord's opcodes page). */
const BOT_IS_NOT_THERE = new Set([50001, 10004]);
const FIRST_RETRY = 1000;
const LAST_RETRY = 60_000;

/** Keeps each community's commands at Discord as the deployed flows declare them. */
export function createRegistration(intakes: Intakes, discord: Discord, log: Log): Registration {
  const inStep = new Set<string>();
  const seen = new Map<string, readonly object[]>();
  let problems: string[] = [];
  /** Nothing can be asked without a token; the connection says so, and says when one is accepted. */
  const isRefused = () => discord.status().state === 'refused';
  let current = new AbortController();
  let turn = Promise.resolve();

  /** @returns null once Discord has them, or else after how many milliseconds to try again */
  const syncOne = async (community: string, found: string[]): Promise<number | null> => {
    const wanted = buildCommands(intakes.commands(community).declared);
    const registered = await discord.commands(community);
    if (registered.kind === 'done') seen.set(community, registered.value);
    if (registered.kind === 'done' && sameCommands(registered.value, wanted)) return null;
    const outcome = registered.kind === 'done' ? await discord.setCommands(community, wanted) : registered;
    if (outcome.kind === 'done') {
      seen.set(community, outcome.value);
      log.info(`registered ${wanted.length} commands in guild ${community}`);
      return null;
    }
    const fix = BOT_IS_NOT_THERE.has(Number(outcome.code))
      ? `Invite the bot to the server ${community}, or set DISCORD_GUILD_ID to a server that it is in.`
      : 'fix' in outcome && outcome.fix;
    found.push(`Registering the slash commands failed: ${outcome.message.replace(/\.$/, '')}.${fix ? ` ${fix}` : ''}`);
    return outcome.kind === 'retry' ? outcome.after : FIRST_RETRY;
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    const due = new Set(intakes.communities());
    for (let pause = FIRST_RETRY; !signal.aborted; pause = Math.min(LAST_RETRY, pause * 2)) {
      const found: string[] = [];
      let again = 0;
      for (const community of due) {
        if (signal.aborted) return;
        const after = await syncOne(community, found);
        if (after === null) {
          due.delete(community);
          inStep.add(community);
        } else {
          inStep.delete(community);
          again = Math.max(again, after);
        }
      }
      problems = found;
      if (again === 0 || isRefused()) return;
      log.warn(problems.join(' '));
      await wait(Math.max(pause, again), signal);
    }
  };

  const sync = (): void => {
    current.abort();
    current = new AbortController();
    const { signal } = current;
    // One after another: two at once could leave yesterday's commands at Discord.
    turn = turn.then(() => run(signal)).catch((error: Error) => log.error(`registering commands: ${error.message}`));
  };
  // A connection that comes back is the moment to try at once.
  discord.onStatus(({ state }) => {
    if (state === 'ready' && intakes.communities().some((id) => !inStep.has(id))) sync();
  });
  // A bot that leaves a server takes its commands along.
  discord.onDispatch('GUILD_DELETE', (data) => {
    const { id, unavailable } = data as { id: string; unavailable?: boolean };
    if (!unavailable && inStep.delete(id)) sync();
  });
  discord.onDispatch('GUILD_CREATE', (data) => {
    const { id } = data as { id: string };
    if (intakes.communities().includes(id) && !inStep.has(id)) sync();
  });
  return {
    sync,
    registered: () => intakes.communities().every((id) => inStep.has(id)),
    problems: () => {
      const contested = intakes.communities().flatMap((community) => intakes.commands(community).problems);
      return isRefused() ? contested : [...contested, ...problems];
    },
    compare: (community) => {
      const registered = seen.get(community);
      return registered ? compareCommands(registered, buildCommands(intakes.commands(community).declared)) : null;
    },
    stop: () => current.abort(),
  };
}
