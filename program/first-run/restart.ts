/** What this process was started with, secrets included: they are taken out of its own environment later. */
export interface StartedWith {
  environment: Record<string, string | undefined>;
}

export function rememberStart(): StartedWith {
  return { environment: { ...process.env } };
}

/** Whether the program can begin anew by itself; elsewhere a person starts it again. */
export function canRestart(): boolean {
  return typeof process.execve === 'function' && process.platform !== 'win32';
}

/**
 * Begins the program anew in the same process, so that whoever started it (a terminal, a service manager) sees no end.
 * Everything of it must have been stopped before.
 * @throws Error where the system does not do that
 */
export function restart({ environment }: StartedWith): never {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  if (!process.execve) throw new Error('This system cannot start Guildhall again by itself. Start it with npm start.');
  return process.execve(process.execPath, command, Object.fromEntries(set));
}
