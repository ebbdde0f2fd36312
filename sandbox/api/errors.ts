import type { JsonObject } from '../json.ts';

/** Discord's JSON error codes (docs: topics/opcodes-and-status-codes): code → status and message. */
const ERRORS = {
  10002: [404, 'Unknown Application'],
  10003: [404, 'Unknown Channel'],
  10004: [404, 'Unknown Guild'],
  10006: [404, 'Unknown Invite'],
  10007: [404, 'Unknown Member'],
  10008: [404, 'Unknown Message'],
  10009: [404, 'Unknown Overwrite'],
  10011: [404, 'Unknown Role'],
  10013: [404, 'Unknown User'],
  10014: [400, 'Unknown Emoji'],
  10015: [404, 'Unknown Webhook'],
  10026: [404, 'Unknown Ban'],
  10062: [404, 'Unknown interaction'],
  10063: [404, 'Unknown application command'],
  20001: [403, 'Bots cannot use this endpoint'],
  10065: [404, 'Unknown Voice State'],
  20012: [403, 'You are not authorized to perform this action on this application'],
  30003: [400, 'Maximum number of pins reached for the channel (250)'],
  30005: [400, 'Maximum number of guild roles reached (250)'],
  30007: [400, 'Maximum number of webhooks reached (15)'],
  30010: [400, 'Maximum number of reactions reached (20)'],
  30013: [400, 'Maximum number of guild channels reached (500)'],
  30015: [400, 'Maximum number of attachments in a message reached (10)'],
  30016: [400, 'Maximum number of invites reached (1000)'],
  30032: [400, 'Maximum number of application commands reached (100)'],
  40001: [401, 'Unauthorized'],
  40005: [413, 'Request entity too large'],
  40007: [403, 'The user is banned from this guild.'],
  40009: [400, 'Only one channel can have a parent_id modified at a time'],
  40032: [400, 'Target user is not connected to voice.'],
  40060: [400, 'Interaction has already been acknowledged.'],
  50001: [403, 'Missing Access'],
  50003: [403, 'Cannot execute action on a DM channel'],
  50005: [403, 'Cannot edit a message authored by another user'],
  50006: [400, 'Cannot send an empty message'],
  50007: [403, 'Cannot send messages to this user'],
  50008: [400, 'Cannot send messages in a non-text channel'],
  50013: [403, 'Missing Permissions'],
  50021: [403, 'Cannot execute action on a system message'],
  50024: [400, 'Cannot execute action on this channel type'],
  50025: [400, 'Invalid OAuth2 access token provided'],
  50026: [403, 'Missing required OAuth2 scope'],
  50027: [401, 'Invalid Webhook Token'],
  50028: [400, 'Invalid Role'],
  50033: [400, 'Invalid Recipient(s)'],
  50034: [400, 'You can only bulk delete messages that are under 14 days old.'],
  50035: [400, 'Invalid Form Body'],
  50081: [400, 'Invalid sticker sent'],
  50083: [400, 'Thread is archived'],
  50109: [400, 'The request body contains invalid JSON.'],
  50278: [403, 'Cannot send messages to this user due to having no mutual guilds'],
  160004: [400, 'A thread has already been created for this message'],
  160005: [403, 'Thread is locked'],
  160006: [400, 'Maximum number of active threads reached'],
  220001: [400, 'Webhooks posted to forum channels must have a thread_name or thread_id'],
  220003: [400, 'Webhooks can only create threads in forum channels'],
  500000: [400, 'Failed to ban users'],
} as const satisfies Record<number, readonly [number, string]>;

export type ErrorCode = keyof typeof ERRORS;

/** An answer that refuses: thrown by rules and routes, written by the server. */
export class DiscordError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: JsonObject | undefined;

  constructor(status: number, code: number, message: string, errors?: JsonObject) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  body(): JsonObject {
    return { message: this.message, code: this.code, ...(this.errors === undefined ? {} : { errors: this.errors }) };
  }
}

/** The error of a code, with Discord's status and message. */
export function refusal(code: ErrorCode): DiscordError {
  const [status, message] = ERRORS[code];
  return new DiscordError(status, code, message);
}

export const unauthorized = () => new DiscordError(401, 0, '401: Unauthorized');
export const notFound = () => new DiscordError(404, 0, '404: Not Found');
export const methodNotAllowed = () => new DiscordError(405, 0, '405: Method Not Allowed');

/** One thing wrong with a body. */
export interface FormProblem {
  path: readonly (string | number)[];
  code: string;
  message: string;
}

/** 50035 with Discord's tree: keys down to `_errors` (docs: reference, "Error Messages"). */
export function invalidForm(problems: readonly FormProblem[]): DiscordError {
  const tree: JsonObject = {};
  for (const { path, code, message } of problems) {
    let node = tree;
    for (const key of path) {
      const next = Object.hasOwn(node, String(key)) ? (node[String(key)] as JsonObject) : {};
      Object.defineProperty(node, String(key), { value: next, enumerable: true, configurable: true, writable: true });
      node = next;
    }
    node._errors = [...((node._errors as JsonObject[] | undefined) ?? []), { code, message }];
  }
  const [status, message] = ERRORS[50035];
  return new DiscordError(status, 50035, message, tree);
}

/** Collects problems under a path; `at` goes deeper. */
export class FormCheck {
  readonly problems: FormProblem[];
  readonly #path: readonly (string | number)[];

  constructor(problems: FormProblem[] = [], path: readonly (string | number)[] = []) {
    this.problems = problems;
    this.#path = path;
  }

  at(...keys: (string | number)[]): FormCheck {
    return new FormCheck(this.problems, [...this.#path, ...keys]);
  }

  add(code: string, message: string): void {
    this.problems.push({ path: this.#path, code, message });
  }

  required(): void {
    this.add('BASE_TYPE_REQUIRED', 'This field is required');
  }

  /** Adds a problem unless the length lies in the range. */
  length(length: number, min: number, max: number): void {
    if (length >= min && length <= max) return;
    if (min === 0) this.add('BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
    else this.add('BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
  }

  /** Adds a problem unless the number lies in the range. */
  range(value: number, min: number, max: number): void {
    if (value < min) this.add('NUMBER_TYPE_MIN', `Value should be greater than or equal to ${min}.`);
    if (value > max) this.add('NUMBER_TYPE_MAX', `Value should be less than or equal to ${max}.`);
  }

  /** Throws 50035 when anything was added. */
  done(): void {
    if (this.problems.length > 0) throw invalidForm(this.problems);
  }
}
