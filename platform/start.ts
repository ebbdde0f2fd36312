import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSeals, type Seals } from './actor.ts';
import { type Clock, systemClock } from './clock.ts';
import { stampInstallation } from './communities.ts';
import type { Configuration, DiscordSettings } from './configuration.ts';
import { startEmbeddedPostgres } from './database/embedded/index.ts';
import { type Connect, checkServer, connector, type Database, openDatabase } from './database/index.ts';
import { migrate } from './database/migrate.ts';
import { listen } from './database/notifications.ts';
import { type APIInteraction, type Discord, openDiscord } from './discord/index.ts';
import type { IntentName } from './discord/intents.ts';
import { dispatchEvent, dispatchInteraction } from './dispatch.ts';
import { createRounds, type Rounds } from './doctor/rounds.ts';
import { createEvents, type Events } from './events.ts';
import { createGate, type Gate } from './gate.ts';
import { createGuildEvents } from './guild-events.ts';
import { createIntakes, type Intakes } from './intakes.ts';
import { createInteractions, type Interactions } from './interactions.ts';
import { type Jobs, startJobs } from './jobs.ts';
import { type Leadership, lead } from './leadership.ts';
import { isLive } from './live.ts';
import { type Log, limitBursts } from './log.ts';
import { createNeeds, type Needs } from './needs.ts';
import { createPictures, type Pictures } from './pictures/index.ts';
import { createRegistration, type Registration } from './registration.ts';
import { createRuns, type Runs } from './runs.ts';
import { startSandboxProcess } from './sandbox-process.ts';
import { createSchedules, type Schedules } from './schedules.ts';
import { createSecrets, keptSecret, type Secrets } from './secrets.ts';
import { createStatus, type StatusSource } from './status.ts';
import { createTraces, type Traces } from './traces.ts';
import { clientAddresses } from './web/client-address.ts';
import { createWeb, type Web } from './web/index.ts';
import { createKeptAnswers, type KeptAnswers } from './web/kept-answers.ts';
import { createLiveFeed, type LiveFeed } from './web/live-feed.ts';

/** Everything that the areas and the node kit stand on. One a process, made by `startPlatform`. */
export interface Platform {
  configuration: Configuration;
  database: Database;
  jobs: Jobs;
  events: Events;
  discord: Discord;
  /** The bot's settings, from the environment or from the sandbox. */
  discordSettings: DiscordSettings;
  interactions: Interactions;
  intakes: Intakes;
  /** What the deployed nodes ask of Discord. */
  needs: Needs;
  registration: Registration;
  /** What the servers lack of what the flows ask. */
  rounds: Rounds;
  schedules: Schedules;
  status: StatusSource;
  runs: Runs;
  traces: Traces;
  /** What keeps configuration nodes from running, a sentence each, by node id. */
  brokenNodes: Map<string, string>;
  /** Draws pictures, where this machine can. */
  pictures: Pictures;
  seals: Seals;
  secrets: Secrets;
  gate: Gate;
  /** Web apps that call in through flows. */
  web: Web;
  /** Public answers that flows made, served without them until what they show changes. */
  keptAnswers: KeptAnswers;
  /** What pages in browsers hear at once. */
  liveFeed: LiveFeed;
  clock: Clock;
  log: Log;
  connect: Connect;
  /** Leads a task among all instances, or waits to. */
  lead(task: string): Promise<Leadership>;
  /** An area's lasting part, such as live boards: begun when it is first asked for, ended with the platform. */
  part<Part extends { stop(): unknown }>(begin: (platform: Platform) => Part): Part;
  /** The sandbox's page; null on a live Discord. */
  sandboxUrl: string | null;
  /** What an unclean end left and how it was mended. */
  recovered: string[];
  /** The flows run, in this revision: opens the gate and registers their commands. */
  flowsStarted(revision: string): Promise<void>;
  /** The revision of the flows that run. */
  flowRevision(): string;
  /** The flows are about to be replaced: holds new work and lets what is under way finish. */
  flowsStopping(): Promise<void>;
  /** The flows stop now: nothing passes until they have started again. */
  flowsStopped(): void;
  stop(): Promise<void>;
}

/** How long a deploy or a stop waits for flows that are still at work. */
const DRAIN_MILLISECONDS = 3000;
/** A deploy that was announced and never came (it was refused after the save) leaves the old flows running. */
const REOPEN_MILLISECONDS = 10_000;
const CLEAN_EVERY_MILLISECONDS = 600_000;

/**
 * The composition root: starts the database, the sandbox where no Discord is set, the job queue and the bot, in the
 * order in which they need each other; `stop` ends them in the reverse order.
 * @param root the folder that holds the compiled `platform`, `core` and `sandbox`
 * @param intents what the flows will need, as far as their files tell: the bot then connects once
 * @throws Error with a sentence for the operator; whatever had started by then is stopped again
 */
export async function startPlatform(
  configuration: Configuration,
  root: string,
  log: Log,
  intents: Promise<readonly IntentName[]> = Promise.resolve([]),
): Promise<Platform> {
  const stops: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        log.warn(`stopping: ${(error as Error).message}`);
      }
    }
  };
  try {
    return await start(configuration, root, log, intents, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  configuration: Configuration,
  root: string,
  log: Log,
  intents: Promise<readonly IntentName[]>,
  stops: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<Platform> {
  const { dataFolder } = configuration;
  mkdirSync(dataFolder, { recursive: true });
  const clock = systemClock;
  const recovered: string[] = [];

  const connectionString =
    configuration.databaseUrl ?? (await embedded(configuration.databaseFolder, log, recovered, stops));
  const { database, pool } = openDatabase(connectionString, log);
  stops.push(() => pool.end());
  await checkServer(database, 10_000);
  await migrate(database, root);

  let sandboxUrl: string | null = null;
  let discordSettings = configuration.discord;
  const live = discordSettings !== null && isLive(discordSettings.apiBase);
  await stampInstallation(database, live ? 'live' : 'demo', discordSettings?.apiBase ?? 'sandbox');
  if (!discordSettings) {
    const sandbox = await startSandboxProcess(root, configuration);
    stops.push(sandbox.stop);
    sandboxUrl = sandbox.url;
    discordSettings = sandbox.settings;
  }

  const notifications = await listen(connectionString, log);
  stops.push(notifications.close);
  // Jobs and interactions: what a crash of PostgreSQL takes of them comes again, or counts once by its rule.
  const relaxed = openDatabase(connectionString, log, { size: 8, relaxed: true });
  stops.push(() => relaxed.pool.end());
  const jobs = await startJobs({ executeSql: (text, values) => relaxed.pool.query(text, values) }, log);
  stops.push(() => jobs.stop({ graceful: false }));
  const events = createEvents(database, relaxed.database, jobs, notifications, log);
  stops.push(events.stop);

  const secrets = createSecrets(encryptionKeys(configuration));
  const discord = openDiscord(discordSettings, log, intents);
  stops.push(discord.close);
  const traces = createTraces();
  const interactions = createInteractions(relaxed.database, discord, secrets, log, traces.mark);
  await interactions.clean();
  const clean = setInterval(() => {
    interactions.clean().catch(() => {});
    guildEvents.clean().catch(() => {});
  }, CLEAN_EVERY_MILLISECONDS);
  stops.push(() => clearInterval(clean));

  const runs = createRuns((message) => (message as { actor?: { run?: string } }).actor?.run, randomUUID, traces);
  const gate = createGate();
  const keptAnswers = createKeptAnswers();
  const addressOf = clientAddresses(configuration.trustedProxies);
  const liveFeed = createLiveFeed({ clock, addressOf });
  stops.push(liveFeed.stop);
  const intakes = createIntakes();
  const needs = createNeeds();
  const noSuggestions = limitBursts((message, count) => log.warn({ count }, `no suggestions for ${message}`));
  const dispatching = { gate, intakes, interactions, traces, log, noSuggestions };
  discord.onDispatch('INTERACTION_CREATE', (data) => {
    dispatchInteraction(data as APIInteraction, dispatching).catch((error: Error) => log.error(error.message));
  });
  const guildEvents = createGuildEvents({ database, discord, gate, intakes, needs, traces, log });
  stops.push(guildEvents.stop);
  const schedules = createSchedules(database, jobs, events, intakes, log);
  stops.push(schedules.stop);
  const registration = createRegistration(intakes, discord, log);
  stops.push(registration.stop);
  const rounds = createRounds({ configuration, discordSettings, needs, database, intakes }, discord);
  stops.push(rounds.stop);

  const parts = new Map<unknown, { stop(): unknown }>();
  stops.push(async () => {
    for (const part of [...parts.values()].reverse()) await part.stop();
  });

  let flowRevision = '';
  let deploys = 0;
  let reopen: NodeJS.Timeout | undefined;
  const flowsStopping = async () => {
    gate.hold();
    clearTimeout(reopen);
    reopen = setTimeout(gate.open, REOPEN_MILLISECONDS).unref();
    // What Discord's limits hold up would hold up the deploy; it comes again with its event.
    if (!(await runs.drain(DRAIN_MILLISECONDS))) discord.giveUpWaiting();
  };
  const flowsStopped = () => {
    clearTimeout(reopen);
    deploys += 1;
    keptAnswers.forgetAll();
    gate.hold();
  };
  let stopped = false;
  stops.push(flowsStopped, flowsStopping, () => {
    stopped = true;
  });

  const platform: Platform = {
    configuration,
    database,
    jobs,
    events,
    discord,
    discordSettings,
    interactions,
    intakes,
    needs,
    registration,
    rounds,
    schedules,
    status: createStatus(discord, notifications),
    runs,
    traces,
    brokenNodes: new Map(),
    pictures: createPictures({ log }),
    seals: createSeals(runs),
    secrets,
    gate,
    web: createWeb({ database, runs, traces, log, addressOf, keptAnswers }),
    keptAnswers,
    liveFeed,
    clock,
    log,
    connect: connector(connectionString, log),
    lead: (task) => lead(connectionString, task, log),
    part: (begin) => {
      const part = parts.get(begin) ?? begin(platform);
      parts.set(begin, part);
      return part as ReturnType<typeof begin>;
    },
    sandboxUrl,
    recovered,
    flowsStopping,
    flowsStopped,
    flowRevision: () => flowRevision,
    flowsStarted: async (revision) => {
      // Node-RED may outlive the platform that it was started with.
      if (stopped) return;
      flowRevision = revision;
      // Once more: what began in the flows that were replaced is not theirs to keep.
      keptAnswers.forgetAll();
      clearTimeout(reopen);
      deploys += 1;
      const deploy = deploys;
      await intakes.ready();
      // The next deploy may have begun meanwhile.
      if (deploy !== deploys) return;
      gate.open();
      liveFeed.review();
      registration.sync();
      rounds.sync();
      discord.needIntents(needs.intents());
      guildEvents.flowsStarted();
      schedules.sync();
      await events.start((event) => dispatchEvent(event, dispatching), interactions.waiting);
    },
    stop,
  };
  return platform;
}

async function embedded(folder: string, log: Log, recovered: string[], stops: (() => unknown)[]): Promise<string> {
  const postgres = await startEmbeddedPostgres({
    folder,
    log: (line) => log.info(line),
  });
  stops.push(postgres.stop);
  if (postgres.recovered) recovered.push(postgres.recovered);
  return postgres.connectionString;
}

function encryptionKeys(configuration: Configuration) {
  if (configuration.encryptionKeys.length > 0) return configuration.encryptionKeys;
  const kept = keptSecret(join(configuration.dataFolder, 'secrets', 'encryption-key'), 32);
  return [{ name: 'local', key: Buffer.from(kept, 'base64url') }];
}
