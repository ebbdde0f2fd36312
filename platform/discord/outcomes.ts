/** What came of asking Discord for something, by what to do next. */
export type Outcome<T> = { kind: 'done'; value: T } | Failure;

/** Every outcome but `done`. */
export type Failure =
  /** What should have been changed is no longer there: as good as done. */
  | { kind: 'gone'; code: number | string; message: string }
  /** Will never work for this target. */
  | { kind: 'permanent'; code: number | string; message: string }
  /** Works once an admin has done what `fix` says. */
  | { kind: 'admin'; code: number | string; message: string; fix: string }
  /** Works once the member has connected their account again. */
  | { kind: 'reauthorise'; code: number | string; message: string }
  /** Works later: after so many milliseconds, and where `first` is given, after that. */
  | { kind: 'retry'; code: number | string; message: string; after: number; global: boolean; first?: 'unarchive' }
  /** Nothing of this bot will work: it has to stop asking. */
  | { kind: 'stop'; code: number | string; message: string };

/** What is known of a failed request; `status` is 0 when there was no answer, times are in milliseconds. */
export interface DiscordFailure {
  status: number;
  /** Discord's error code, or OAuth2's name of the error. */
  code?: number | string;
  message: string;
  retryAfter?: number;
  global?: boolean;
}

/** A row of the table. */
interface Rule {
  kind: 'gone' | 'permanent' | 'admin' | 'reauthorise' | 'retry' | 'stop';
  fix?: string;
  after?: number;
  first?: 'unarchive';
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const permanent: Rule = { kind: 'permanent' };
const reauthorise: Rule = { kind: 'reauthorise' };
const stop: Rule = { kind: 'stop' };
const gone: Rule = { kind: 'gone' };
const admin = (fix: string): Rule => ({ kind: 'admin', fix });
const retry = (after: number): Rule => ({ kind: 'retry', after });

const INVITE_AGAIN = "Invite the bot to the server again with the link of the bot's page, which asks for all it needs.";
const CHECK_OAUTH = "Set DISCORD_CLIENT_ID and DISCORD_CLIENT_SECRET to the values on the application's OAuth2 page.";

/**
 * Discord's error codes (https://discord.com/developers/docs/topics/opcodes-and-status-codes) and OAuth2's names of
 * errors (RFC 6749, section 5.2). The codes are Discord's, what to do about each is our judgement.
 */
export const RULES: ReadonlyMap<number | string, Rule> = new Map<number | string, Rule>([
  // Unknown channel, guild, invite, member, message, role, user, webhook; an interaction that has expired.
  ...([10003, 10004, 10006, 10007, 10008, 10011, 10013, 10015, 10062] as const).map(
    (code) => [code, permanent] as const,
  ),
  [20012, admin('Set DISCORD_CLIENT_ID and DISCORD_BOT_TOKEN to values of the same application.')],
  // Slow mode, and limits on writing to a channel or a server.
  [20016, retry(10 * SECOND)],
  [20022, retry(10 * MINUTE)],
  [20028, retry(10 * SECOND)],
  [20029, retry(10 * SECOND)],
  // The person is in as many servers as Discord allows.
  [30001, permanent],
  [30005, admin('Delete roles that the server no longer needs: Discord allows 250.')],
  [30013, admin('Delete channels that the server no longer needs: Discord allows 500.')],
  [30016, admin('Delete invites that the server no longer needs: Discord allows 1000.')],
  [30032, admin('Remove slash commands from the flows: Discord allows 100 for each server.')],
  [30034, retry(DAY)],
  [30046, retry(60 * MINUTE)],
  [40001, stop],
  [40003, retry(MINUTE)],
  [40004, retry(10 * MINUTE)],
  [40005, permanent],
  [40006, retry(10 * MINUTE)],
  // The person is banned from the server.
  [40007, permanent],
  [40012, reauthorise],
  // The member to move is in no voice channel.
  [40032, permanent],
  // The interaction has its answer already.
  [40060, gone],
  [40062, retry(5 * SECOND)],
  [40333, stop],
  [50001, admin('Let the bot see that channel: give its role the permission View Channel there.')],
  // An empty message; closed direct messages.
  [50006, permanent],
  [50007, permanent],
  [50013, admin('Give the bot the permission that this needs, and drag its role above the roles it works with.')],
  [50014, stop],
  [50025, reauthorise],
  [50026, reauthorise],
  // The token of an interaction or a webhook, not the bot's.
  [50027, permanent],
  [50028, admin('Choose another role: that one is gone, or Discord manages it itself.')],
  [50033, permanent],
  [50035, permanent],
  [50083, { kind: 'retry', after: 0, first: 'unarchive' }],
  [50109, permanent],
  // No server in common with the person.
  [50278, permanent],
  [60003, admin("Turn on two-factor authentication for the account that owns the bot's application.")],
  [110000, retry(10 * SECOND)],
  [130000, retry(30 * SECOND)],
  [160006, admin('Archive threads that the server no longer needs: as many as Discord allows are active.')],
  // Blocked by the server's AutoMod; Discord lets the person join no more servers for now.
  [200000, permanent],
  [340015, permanent],
  ['invalid_grant', reauthorise],
  ['invalid_token', reauthorise],
  ['insufficient_scope', reauthorise],
  ['access_denied', reauthorise],
  ['invalid_client', admin(CHECK_OAUTH)],
  ['unauthorized_client', admin(CHECK_OAUTH)],
  ['invalid_scope', admin("Add the scope to the application's OAuth2 page, or leave it out of the flow.")],
  [
    'invalid_request',
    admin("Add DISCORD_REDIRECT_URI, exactly as it is, to the redirects on the application's OAuth2 page."),
  ],
]);

/** What each operation of the port needs, as an admin sees it named in Discord. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  sendMessage: 'Give the bot the permissions Send Messages and Embed Links in that channel.',
  editMessage: 'Give the bot the permissions Send Messages and Embed Links in that channel.',
  deleteMessage: 'Give the bot the permission Manage Messages in that channel.',
  addRole: 'Give the bot the permission Manage Roles, and drag its role above the role it gives.',
  removeRole: 'Give the bot the permission Manage Roles, and drag its role above the role it takes.',
  createRole: 'Give the bot the permission Manage Roles.',
  editRole: 'Give the bot the permission Manage Roles, and drag its role above that role.',
  deleteRole: 'Give the bot the permission Manage Roles, and drag its role above that role.',
  addMember: 'Give the bot the permissions Create Invite and Manage Roles.',
  editMember: "Give the bot the permission Manage Nicknames, and drag its role above the member's roles.",
  kick: "Give the bot the permission Kick Members, and drag its role above the member's roles.",
  createInvite: 'Give the bot the permission Create Invite in that channel.',
  deleteInvite: 'Give the bot the permission Manage Channels in that channel.',
  createChannel: 'Give the bot the permission Manage Channels.',
  editChannel: 'Give the bot the permission Manage Channels in that channel.',
  deleteChannel: 'Give the bot the permission Manage Channels in that channel.',
  createThread: 'Give the bot the permissions Create Public Threads and Create Private Threads in that channel.',
  addThreadMember: 'Give the bot the permission Send Messages in Threads in that channel.',
  moveToVoice: 'Give the bot the permissions Move Members and Connect in that voice channel.',
  createEvent: 'Give the bot the permission Create Events.',
};

/** Operations that speak for the bot to a whole server; without access there, the bot is not in it. */
const OF_THE_SERVER = new Set([
  ...['commands', 'setCommands', 'roles', 'channels', 'members', 'member', 'searchMembers', 'addMember', 'kick'],
]);

/** These prove themselves by a token of their own, so that its refusal says nothing about the bot's. */
const WITH_OWN_TOKEN = new Set([
  'respond',
  'editOriginal',
  'deleteOriginal',
  'followUp',
  'webhook',
  'editWebhookMessage',
  'deleteWebhookMessage',
]);
const AS_THE_MEMBER = new Set(['exchangeCode', 'refreshToken', 'revokeToken', 'currentUser', 'setRoleConnection']);
const BRINGS_GRANT = new Set(['exchangeCode', 'refreshToken']);

/** What is gone already needs no removing; a member who left has none of the server's roles either. */
const REMOVES = /^(delete|remove|kick)/;
// Unknown channel, invite, member, message, role, user, webhook. A bot outside a server knows nothing of its members.
const UNKNOWN_THING = new Set([10003, 10006, 10007, 10008, 10011, 10013, 10015]);

/** How long to wait where Discord does not say. */
const WAIT_AFTER_LIMIT = 5 * SECOND;
const WAIT_AFTER_FAULT = 2 * SECOND;

/**
 * Says what to do about a failed request. Discord's code decides where the table has it, the HTTP status elsewhere.
 * @param operation the port's name of what was asked, such as `sendMessage`
 */
export function classify(error: DiscordFailure, operation: string): Failure {
  const code = error.code || error.status;
  const rule = exception(error, operation) ?? RULES.get(code) ?? byStatus(error.status, operation);
  const base = { code, message: error.message };
  switch (rule.kind) {
    case 'admin':
      return { kind: 'admin', ...base, fix: fixFor(code, operation) ?? rule.fix ?? INVITE_AGAIN };
    case 'retry': {
      const after = Math.max(0, Math.ceil(error.retryAfter ?? rule.after ?? WAIT_AFTER_FAULT));
      return { kind: 'retry', ...base, after, global: error.global === true, ...(rule.first && { first: rule.first }) };
    }
    default:
      return { kind: rule.kind, ...base };
  }
}

/** Where the same code means something else for an operation. */
function exception({ status, code }: DiscordFailure, operation: string): Rule | undefined {
  if (REMOVES.test(operation) && UNKNOWN_THING.has(Number(code))) return gone;
  const refused = status === 401 || code === 40001 || code === 50014;
  if (refused && WITH_OWN_TOKEN.has(operation)) return permanent;
  if (refused && AS_THE_MEMBER.has(operation) && !RULES.has(String(code))) return reauthorise;
  return undefined;
}

function byStatus(status: number, operation: string): Rule {
  if (status === 429) return retry(WAIT_AFTER_LIMIT);
  // No answer, a conflict of requests in time, or a fault of Discord's.
  if (status === 0 || status === 408 || status === 425 || status >= 500) return retry(WAIT_AFTER_FAULT);
  if (status === 401) return stop;
  // A code or a refresh token that is no longer good, where a library lost OAuth2's name of the error.
  if (status === 400 && BRINGS_GRANT.has(operation)) return reauthorise;
  if (status === 403) return AS_THE_MEMBER.has(operation) ? reauthorise : admin(INVITE_AGAIN);
  return permanent;
}

function fixFor(code: number | string, operation: string): string | undefined {
  if (code === 50013) return PERMISSIONS[operation];
  if (code === 50001 && OF_THE_SERVER.has(operation)) return INVITE_AGAIN;
  return undefined;
}
