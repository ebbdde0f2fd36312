import type { Configuration } from '../platform/configuration.ts';

/**
 * The page at `/`: where to go from here. It shows nothing that a stranger may not see.
 * @param plain true under the plain `node-red` command, which has no first-run page
 */
export function startPage(configuration: Configuration, sandboxUrl: string | null, plain: boolean): string {
  const cards = [
    {
      href: '/editor',
      title: 'Flow editor',
      text: 'Shape what the community does. Sign in as admin with the password that the start printed.',
      shown: configuration.editor.enabled,
    },
    {
      href: sandboxUrl ?? '',
      title: 'Sandbox Discord',
      text: 'Be a member: type /request, press Approve, read your messages. Nothing leaves this machine.',
      shown: sandboxUrl !== null,
    },
    {
      href: '/editor/guildhall/setup',
      title: configuration.discordFrom === 'first run' ? 'Your server' : 'Set up your server',
      text:
        configuration.discordFrom === 'first run'
          ? 'What is connected, whether all is well, and the way back to the demo.'
          : 'From nothing to your own Discord server in ten minutes, each step checked as you take it.',
      shown: configuration.editor.enabled && configuration.discordFrom !== 'environment' && !plain,
    },
    { href: '/health', title: 'Health', text: 'Is everything running? With the reason where it is not.', shown: true },
  ].filter(({ shown }) => shown);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Guildhall</title>
<style>
  :root { color-scheme: light dark; --ink: #1d2130; --paper: #f5f6fa; --card: #fff; --accent: #4752c4; --line: #d9dce6 }
  @media (prefers-color-scheme: dark) { :root { --ink: #eceef5; --paper: #16181f; --card: #21242e; --accent: #aab2ff; --line: #343846 } }
  body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
  main { max-width: 44rem; margin: 0 auto; padding: 3rem 1rem }
  h1 { font-size: 2rem; margin: 0 } h1 + p { margin: .25rem 0 2rem }
  ul { display: grid; gap: 1rem; padding: 0; list-style: none }
  a { display: block; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--card); color: inherit; text-decoration: none }
  a:hover, a:focus-visible { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: -1px }
  strong { color: var(--accent) } span { display: block }
</style>
<main>
<h1>Guildhall</h1>
<p>Your Discord community, run from flows that you rearrange in a browser.${sandboxUrl ? ' This one is a demo.' : ''}</p>
<ul>
${cards.map(({ href, title, text }) => `<li><a href="${href}"><strong>${title}</strong><span>${text}</span></a></li>`).join('\n')}
</ul>
</main>
</html>
`;
}
