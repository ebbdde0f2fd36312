import type { ServerResponse } from 'node:http';
import { PERMISSION } from '../rules/permissions.ts';
import type { User } from '../state/model.ts';
import type { World } from '../world.ts';
import { type AuthorizationRequest, mayInstall } from './authorize.ts';
import { describeScope } from './scopes.ts';

const STYLE = `
:root { color-scheme: light dark; --ground: #f2f3f5; --card: #fff; --ink: #1e1f22; --soft: #4e5058; --line: #c4c9ce; --brand: #4752c4; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #1e1f22; --card: #313338; --ink: #f2f3f5; --soft: #c4c9ce; --line: #5c5f66; --brand: #5865f2; --bad: #ff9b93; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--ground); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; }
main { width: 100%; max-width: 440px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 24px; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 8px 0; color: var(--soft); overflow-wrap: anywhere; }
ul { margin: 8px 0 16px; padding-left: 1.3em; }
label { display: block; font-weight: 600; margin: 16px 0 4px; }
select { width: 100%; font: inherit; padding: 10px; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 4px; }
.buttons { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
button { flex: 1 1 120px; font: inherit; font-weight: 600; padding: 11px 16px; border-radius: 4px; border: 1px solid var(--line);
  background: transparent; color: inherit; cursor: pointer; }
button[value=authorize] { background: var(--brand); border-color: var(--brand); color: #fff; }
p.problem { color: var(--bad); font-weight: 600; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
`;

/** The page on which a person says yes or no; it needs no script. */
export function consentPage(
  world: World,
  asked: AuthorizationRequest,
  { chosen, problem }: { chosen?: User | undefined; problem?: string },
  response: ServerResponse,
): void {
  const { store, application } = world;
  const people = store.all('users').filter(({ bot }) => !bot);
  const target = asked.redirectUri === null ? null : new URL(asked.redirectUri).origin;
  const options = people.map(({ id, username, global_name: name }) =>
    option(id, name === null ? username : `${name} (${username})`, id === chosen?.id),
  );
  const body = `
<h1>${escaped(application.name)} wants to access your account</h1>
<p>This is the sandbox: choose who you are.</p>
${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
<form method="post">
<label for="as">Member</label>
<select id="as" name="as" autofocus>${options.join('')}</select>
${asked.scopes.includes('bot') ? guildChoice(world, asked, people) : ''}
<h2 id="scopes" style="font-size: 1rem; margin: 20px 0 0">This will allow ${escaped(application.name)} to</h2>
<ul aria-labelledby="scopes">${asked.scopes.map((scope) => `<li>${escaped(describeScope(scope))}</li>`).join('')}</ul>
${target === null ? '' : `<p>You will be sent to ${escaped(target)}</p>`}
<div class="buttons">
<button name="decision" value="authorize">Authorize</button>
<button name="decision" value="cancel">Cancel</button>
</div>
</form>`;
  send(response, problem === undefined ? 200 : 403, `Authorize ${application.name}`, body, { formTarget: target });
}

/** Where the bot goes, and what it asks to be allowed there. */
function guildChoice(world: World, { guildId, guildFixed, permissions }: AuthorizationRequest, people: User[]): string {
  const guilds = world.store.all('guilds');
  const shown = guildFixed ? guilds.filter(({ id }) => id === guildId) : guilds;
  const bits = BigInt(permissions);
  const names = Object.entries(PERMISSION)
    .filter(([, bit]) => (bits & bit) !== 0n)
    .map(([name]) => `<li>${escaped(sentenceCase(name))}</li>`);
  const managers = (id: string) =>
    people
      .filter((user) => mayInstall(world, user, id))
      .map(({ username }) => username)
      .join(', ');
  return `
<label for="guild">Server</label>
<select id="guild" name="guild_id">${shown.map(({ id, name }) => option(id, name, id === guildId)).join('')}</select>
${shown.map(({ id, name }) => `<p>Who may add bots to ${escaped(name)}: ${escaped(managers(id))}</p>`).join('')}
${names.length === 0 ? '' : `<p id="permissions">It asks for these permissions:</p><ul aria-labelledby="permissions">${names.join('')}</ul>`}`;
}

function sentenceCase(name: string): string {
  const text = name.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function option(value: string, text: string, selected: boolean): string {
  return `<option value="${escaped(value)}"${selected ? ' selected' : ''}>${escaped(text)}</option>`;
}

/** A page that only says something. */
export function messagePage(
  response: ServerResponse,
  status: number,
  title: string,
  text: string,
  headers: Record<string, string> = {},
): void {
  send(response, status, title, `<h1>${escaped(title)}</h1><p>${escaped(text)}</p>`, { headers });
}

function send(
  response: ServerResponse,
  status: number,
  title: string,
  body: string,
  { formTarget = null, headers = {} }: { formTarget?: string | null; headers?: Record<string, string> },
): void {
  const page = Buffer.from(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`);
  // A form's policy covers where its answer redirects to.
  const form = `form-action 'self'${formTarget === null ? '' : ` ${formTarget}`}`;
  response.writeHead(status, {
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; ${form}; base-uri 'none'; frame-ancestors 'none'`,
    // With no-referrer the form would come from the origin "null".
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-length': page.length,
  });
  response.end(page);
}

const MARKUP: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => MARKUP[letter] ?? letter);
}
