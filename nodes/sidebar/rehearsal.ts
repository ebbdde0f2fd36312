import { z } from 'zod';
import { Fault } from '../../platform/fault.ts';
import type { Platform } from '../../platform/start.ts';
import type { AdminRoute } from '../kit/admin.ts';
import type { RehearsalMember } from './answers.ts';

const text = z.string().max(4000);
const guild = text.optional();
/** What the sandbox takes of a member, by the paths of its control API. */
const ACTS = {
  command: z.object({ as: text, input: text, guild }),
  press: z.object({ as: text, message: text, customId: text, guild }),
  submit: z.object({ as: text, interaction: text, fields: z.record(text, text), guild }),
} as const;

interface SandboxState {
  members: { id: string; username: string; name?: string; bot: boolean; roles: string[] }[];
}

/** Commands, presses and forms in the sandbox, as a member of one's choice. */
export const REHEARSAL_ROUTES: readonly AdminRoute[] = [
  {
    method: 'get',
    path: '/rehearsal',
    permission: 'guildhall.read',
    handle: async ({ platform, query }): Promise<RehearsalMember[]> => {
      const guild = query.guild ? `?${new URLSearchParams({ guild: query.guild })}` : '';
      const { members } = await askSandbox<SandboxState>(platform, `state${guild}`);
      return members
        .filter(({ bot }) => !bot)
        .map(({ username, name, roles }) => ({ username, name: name ?? username, roles }));
    },
  },
  ...Object.entries(ACTS).map(
    ([act, schema]): AdminRoute => ({
      method: 'post',
      path: `/${act}`,
      permission: 'guildhall.write',
      handle: async ({ platform, body }) => {
        const parsed = schema.safeParse(body);
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          throw new Fault('not-understood', `${issue?.path.join('.')}: ${issue?.message}`);
        }
        return askSandbox(platform, act, parsed.data);
      },
    }),
  ),
];

/** Longer than the sandbox waits for an answer. */
const PATIENCE_MILLISECONDS = 25_000;

/** Asks the sandbox's control API. @throws Fault where there is no sandbox, and with what it says no to */
async function askSandbox<T>({ sandboxUrl }: Platform, path: string, body?: object): Promise<T> {
  if (!sandboxUrl) {
    throw new Fault('no-sandbox', 'This runs on a live Discord, where only members themselves can use commands.');
  }
  const response = await fetch(new URL(`/sandbox/${path}`, sandboxUrl), {
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Fault('sandbox-away', 'The sandbox does not answer. Start Guildhall again.', { retry: true });
  });
  const answer = (await response.json()) as T & { error?: string };
  if (!response.ok) throw new Fault('sandbox-refused', answer.error ?? `The sandbox answered ${response.status}.`);
  return answer;
}
