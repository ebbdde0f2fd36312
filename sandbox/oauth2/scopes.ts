/** Scopes that a person can grant here (docs: topics/oauth2, "OAuth2 Scopes"), and what the consent page says of each. */
const SCOPES = {
  identify: 'See your username, avatar and banner',
  email: 'See your email address',
  connections: 'See your connected accounts',
  guilds: 'See which servers you are in',
  'guilds.join': 'Add you to servers',
  'guilds.members.read': 'Read your nickname and roles in servers you are in',
  'role_connections.write': 'Update your linked-role data',
  bot: 'Add a bot to a server',
  'applications.commands': 'Create commands in a server',
} as const;

export type Scope = keyof typeof SCOPES;

/** Scopes that an application may get for itself, without a person. */
export const OWN_SCOPES: readonly string[] = ['identify', 'email', 'connections', 'guilds', 'guilds.members.read'];

/** The scopes of a list with spaces, each once; undefined when one is unknown or there is none. */
export function scopesOf(text: string): Scope[] | undefined {
  const names = [...new Set(text.split(/\s+/).filter((name) => name !== ''))];
  const known = names.filter((name): name is Scope => Object.hasOwn(SCOPES, name));
  return known.length === names.length && known.length > 0 ? known : undefined;
}

export function describeScope(scope: Scope): string {
  return SCOPES[scope];
}
