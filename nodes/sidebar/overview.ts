import { wait } from '../../platform/clock.ts';
import { examine, type Finding, textsIn } from '../../platform/doctor/index.ts';
import { Fault } from '../../platform/fault.ts';
import type { Platform } from '../../platform/start.ts';
import type { AdminRoute } from '../kit/admin.ts';
import type { Overview, TraceList } from './answers.ts';

/** An examination asks Discord a dozen things: tabs that are open share one in their language. */
const FRESH_MILLISECONDS = 30_000;
/** Whoever may only look does not use up Discord's patience with the bot by asking again and again. */
const APART_MILLISECONDS = 1000;
/** `at` is when it begins, which may be soon. */
const examinations = new WeakMap<Platform, { at: number; language: string; findings: Promise<Finding[]> }>();

/**
 * What the tab shows, mostly read from what the program knows anyway.
 * @param setup the first-run page, where there is one
 */
export const overviewRoutes = (setup: string | null): readonly AdminRoute[] => [
  {
    method: 'get',
    path: '/overview',
    permission: 'guildhall.read',
    handle: async ({ platform, languages }): Promise<Overview> => ({
      ...(await overviewOf(platform, languages)),
      setup,
    }),
  },
  {
    method: 'get',
    path: '/traces',
    permission: 'guildhall.read',
    handle: async ({ platform: { traces }, query }): Promise<TraceList> => ({
      version: traces.version,
      traces: query.since === String(traces.version) ? null : traces.list(query.community || undefined),
    }),
  },
  {
    method: 'get',
    path: '/traces/:id',
    permission: 'guildhall.read',
    handle: async ({ platform, params }) => {
      const trace = platform.traces.find(Number(params.id));
      if (!trace) throw new Fault('trace-gone', 'Newer interactions have taken its place: only the newest are kept.');
      return trace;
    },
  },
  {
    method: 'get',
    path: '/findings',
    permission: 'guildhall.read',
    handle: ({ platform, query, languages }) => findingsOf(platform, languages, query.again !== undefined),
  },
  {
    method: 'post',
    path: '/commands/register',
    permission: 'guildhall.write',
    handle: async ({ platform: { registration } }) => {
      registration.sync();
      return {};
    },
  },
];

function findingsOf(platform: Platform, languages: readonly string[], again: boolean): Promise<Finding[]> {
  const known = examinations.get(platform);
  const now = Date.now();
  const language = languages.join();
  const isFresh = known?.language === language && known.at > now - FRESH_MILLISECONDS;
  // What has not begun yet sees all that there is to see now.
  if (known && (known.at > now || (isFresh && !again))) return known.findings;
  const at = Math.max(now, (known?.at ?? 0) + APART_MILLISECONDS);
  const findings = wait(at - now).then(() => examine(platform, languages));
  examinations.set(platform, { at, language, findings });
  return findings;
}

async function overviewOf(platform: Platform, languages: readonly string[]): Promise<Omit<Overview, 'setup'>> {
  const { status, discord, gate, intakes, registration, sandboxUrl, discordSettings } = platform;
  const names = await guildNames(discord);
  const { state, code, reason } = status.current();
  const said = textsIn(languages).status(code, reason);
  return {
    connection: { state, ...said, bot: discord.bot()?.name ?? null, latency: discord.latency() },
    headroom: discord.headroom(),
    flowsRun: gate.flowsRun,
    sandbox: sandboxUrl,
    problems: registration.problems(),
    home: discordSettings.guildId,
    communities: intakes.communities().map((id) => ({
      id,
      name: names.get(id) ?? null,
      commands: registration.compare(id),
      usages: intakes.commands(id).declared.map(({ path, description, options }) => ({
        input: usageOf(path, options as UsedOption[]),
        description,
      })),
    })),
  };
}

async function guildNames(discord: Platform['discord']): Promise<Map<string, string>> {
  const guilds = discord.bot() ? await discord.guilds() : null;
  return new Map(guilds?.kind === 'done' ? guilds.value.map(({ id, name }) => [id, name]) : []);
}

interface UsedOption {
  name: string;
  required?: boolean;
}

/** A command as one begins to type it: `/request ai-credit amount:`. */
function usageOf(path: string, options: UsedOption[]): string {
  const required = options.filter((option) => option.required).map(({ name }) => `${name}:`);
  return [`/${path}`, ...required].join(' ');
}
