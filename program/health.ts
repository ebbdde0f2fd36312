import { sql } from 'kysely';
import { switchOnIntents } from '../platform/doctor/texts.ts';
import type { Platform } from '../platform/start.ts';

export interface Health {
  status: 'ok' | 'unavailable';
  checks: { database: boolean; flows: boolean; commands: boolean };
  problems: string[];
}

/** Each check is true, false, or null where it is not configured or not built yet. */
export interface DiscordHealth {
  status: 'healthy' | 'degraded';
  checks: {
    bot_online: boolean;
    oauth_working: boolean | null;
    database_connection: boolean;
    redis_connection: boolean | null;
  };
}

/**
 * Ready once the database answers, the flows run and their commands are registered. What single nodes lack is a problem,
 * too, but keeps nothing else from working.
 */
export async function health(platform: Platform | null, flowProblems: string[]): Promise<Health> {
  const checks = {
    database: platform ? await databaseAnswers(platform) : false,
    flows: platform?.gate.flowsRun ?? false,
    commands: platform?.registration.registered() ?? false,
  };
  const problems = [...flowProblems];
  if (!platform) problems.push('The program is starting.');
  else {
    if (!checks.database) problems.push('The database does not answer.');
    if (!checks.flows && flowProblems.length === 0) problems.push('The flows do not run.');
    const { problem, fix } = platform.discord.status();
    if (problem) problems.push(`Discord: ${problem}.${fix ? ` ${fix}` : ''}`);
    const missing = platform.discord.missingIntents();
    if (missing.length > 0) problems.push(switchOnIntents(missing));
    problems.push(...platform.brokenNodes.values());
    problems.push(...platform.registration.problems());
    problems.push(...platform.rounds.problems().map(({ title, detail, fix }) => `${title}. ${detail} ${fix}`));
  }
  return { status: Object.values(checks).every(Boolean) ? 'ok' : 'unavailable', checks, problems };
}

/** The answer of the existing path `/health/discord`. */
export async function discordHealth(platform: Platform | null): Promise<DiscordHealth> {
  const checks = {
    bot_online: platform?.discord.status().state === 'ready',
    oauth_working: null,
    database_connection: platform ? await databaseAnswers(platform) : false,
    redis_connection: null,
  };
  return { status: checks.bot_online && checks.database_connection ? 'healthy' : 'degraded', checks };
}

async function databaseAnswers({ database }: Platform): Promise<boolean> {
  try {
    await sql`select 1`.execute(database);
    return true;
  } catch {
    return false;
  }
}
