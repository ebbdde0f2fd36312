import type { Platform } from '../start.ts';
import { type Check, Silent, type Verdict } from './check.ts';
import { BOT_CHECKS } from './checks/bot.ts';
import { MACHINE_CHECKS } from './checks/machine.ts';
import { FLOW_CHECKS, SERVER_CHECKS } from './checks/servers.ts';
import type { Finding } from './finding.ts';
import { type Examined, lookAt } from './look.ts';
import { type Texts, textsIn } from './texts.ts';

export { ok, problem, warning } from './check.ts';
export type { Finding } from './finding.ts';
export type { Examined } from './look.ts';
export { type Texts, textsIn } from './texts.ts';

/** No check takes longer: an answer that does not come is a finding, too. */
const CHECK_WITHIN_MILLISECONDS = 20_000;

const CHECKS: readonly Check[] = [...BOT_CHECKS, ...SERVER_CHECKS, ...MACHINE_CHECKS];

/**
 * Examines what Guildhall stands on: the bot, its servers, this machine. Never throws: what cannot be examined is a
 * finding as well.
 * @param platform the running platform, or as much of it as there is
 * @param languages what the reader understands, the best first
 */
export async function examine(platform: Platform | Examined, languages: readonly string[] = []): Promise<Finding[]> {
  return findingsOf(CHECKS, platform, languages);
}

/** Examines, in English, only whether the servers have what the flows ask of them. */
export function examineFlows(examined: Examined): Promise<Finding[]> {
  return findingsOf(FLOW_CHECKS, examined, []);
}

async function findingsOf(checks: readonly Check[], examined: Examined, languages: readonly string[]) {
  const look = lookAt(examined, textsIn(languages));
  const found = await Promise.all(
    checks.map(async (check) =>
      (await verdictsOf(check, look)).map((verdict) => findingOf(check, verdict, look.texts)),
    ),
  );
  return found.flat();
}

async function verdictsOf(check: Check, look: ReturnType<typeof lookAt>): Promise<Verdict[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(look.texts.word('late'))), CHECK_WITHIN_MILLISECONDS);
  });
  try {
    return await Promise.race([check.run(look), late]);
  } catch (error) {
    if (error instanceof Silent) return [];
    return [{ state: 'problem', text: 'unexamined', values: { check: check.id, reason: (error as Error).message } }];
  } finally {
    clearTimeout(timer);
  }
}

/** A verdict in words. */
export function findingOf({ id, area }: Pick<Check, 'id' | 'area'>, verdict: Verdict, texts: Texts): Finding {
  const { state, text, about, values = {} } = verdict;
  return { id: about ? `${id}:${about}` : id, area, state, ...texts.finding(text, values) };
}
