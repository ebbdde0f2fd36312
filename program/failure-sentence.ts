import { ConfigurationError } from '../platform/configuration.ts';

const UNDEFINED_TABLE = '42P01';

/** What went wrong with a command on the database, for who called it. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ConfigurationError) return error.problems.join('\n');
  const { code, message } = error as { code?: string; message: string };
  return code === UNDEFINED_TABLE ? 'This database is not set up yet. Start Guildhall once: npm start' : message;
}
