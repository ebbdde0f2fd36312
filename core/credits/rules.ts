import { sql } from 'kysely';
import { type AuditActor, writeAudit } from '../../platform/audit.ts';
import { compiledOnce, type Parameter, theOnly } from '../../platform/database/compiled.ts';
import { asPlatform, type Database, inTransaction } from '../../platform/database/index.ts';
import type { Events } from '../../platform/events.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import { type Person, refuseUnlessApprover } from '../people/index.ts';
import { balancesOf } from './balances.ts';
import { enter } from './ledger.ts';
import {
  CREDIT_NAMES,
  type CreditRequest,
  findRequest,
  insertRequest,
  isCreditType,
  keepPendingCard,
} from './requests.ts';
import { type CreditTables, credits } from './tables.ts';

/** What the rules need of the platform. */
export interface CreditContext {
  database: Database;
  events: Events;
}

export const LONGEST_REASON = 500;

export interface Asking {
  community: string;
  player: number;
  /** As it came: checked here. */
  creditType: unknown;
  amount: unknown;
  reason: unknown;
  via: 'discord' | 'web';
  /** What asks: an interaction's id or an idempotency key. */
  source: string;
}

/** Who decides: a person with the roles that Discord gave with the press, or a policy that an admin put in a flow. */
export type Decider =
  | ({ kind: 'person' } & Person)
  | { kind: 'policy'; name: string; node: string; revision: string; dailyCap: number };

export interface Deciding {
  community: string;
  request: number;
  decision: 'approve' | 'reject';
  note: unknown;
  decider: Decider;
  source: string;
  /** The card whose button was pressed, kept where the request does not know its card yet. */
  card: { channel: string; id: string } | null;
}

export type Answer = { request: CreditRequest } | { refusal: Refusal };

/**
 * Asks for credits: writes the request and its event `credit.requested`.
 * The same source asks once: coming again it gets the request that it made.
 */
export async function askForCredits(context: CreditContext, asking: Asking): Promise<Answer> {
  const { creditType, amount } = asking;
  if (!isCreditType(creditType)) {
    const known = Object.keys(CREDIT_NAMES).join(' or ');
    return refusal('unknown-credit-type', 422, 'Unknown kind of credit', `Ask for ${known} credits.`);
  }
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount < 1) {
    return refusal('invalid-amount', 422, 'Not a possible amount', 'Ask for a whole number of credits, 1 or more.');
  }
  const reason = readText(asking.reason, 'reason');
  if (reason !== null && typeof reason === 'object') return reason;
  return inTransaction(credits(context.database), async (tx) => {
    const { perRequest, perDay } = theOnly(await lockAndReadLimits(asPlatform(tx), asking));
    if (amount > perRequest) {
      return refusal(
        'amount-over-limit',
        422,
        'Too many credits',
        `One request may ask for up to ${perRequest} credits; this one asks for ${amount}.`,
      );
    }
    const { before, asked } = theOnly(await askedSoFar(asPlatform(tx), asking));
    if (before !== null) return answerWith(asPlatform(tx), asking.community, before);
    if (asked + amount > perDay) {
      const left = Math.max(0, perDay - asked);
      return refusal(
        'daily-limit',
        429,
        'Daily limit reached',
        `You may ask for ${perDay} credits in 24 hours; ${left} are left at the moment.`,
      );
    }
    const request = await insertRequest(asPlatform(tx), { ...asking, creditType, amount, reason });
    await context.events.write(asPlatform(tx), {
      community: asking.community,
      type: 'credit.requested',
      subject: subjectOf(request.id),
      payload: { request: request.id },
    });
    return { request };
  });
}

/**
 * Says whether a person may decide a request, and changes nothing: for asking before a modal is opened.
 */
export async function mayDecide(
  context: CreditContext,
  deciding: Pick<Deciding, 'community' | 'request' | 'decider'>,
): Promise<Answer> {
  const right = await checkRight(context.database, deciding.community, deciding.decider);
  if (right) return right;
  const request = await findRequest(context.database, deciding.community, deciding.request);
  return (request && checkRequest(request, deciding.decider)) ?? (request ? { request } : notFound(deciding.request));
}

/**
 * Decides a request: its status, ledger row, balance, audit row and event `credit.decided` in one transaction.
 * However often and by however many at once it is called, one call decides; the others hear who did.
 */
export async function decide(context: CreditContext, deciding: Deciding): Promise<Answer> {
  const note = readText(deciding.note, 'note');
  if (note !== null && typeof note === 'object') return note;
  const right = await checkRight(context.database, deciding.community, deciding.decider);
  if (right) return right;
  const refused = await inTransaction(credits(context.database), async (tx) => {
    await tx
      .selectFrom('credit_requests')
      .select('id')
      .where('id', '=', deciding.request)
      .where('community_id', '=', deciding.community)
      .forUpdate()
      .executeTakeFirst();
    const request = await findRequest(asPlatform(tx), deciding.community, deciding.request);
    if (!request) return notFound(deciding.request);
    if (await decidedBefore(tx, deciding)) return null;
    const objection = checkRequest(request, deciding.decider) ?? (await checkPolicyCap(tx, deciding, request.amount));
    if (objection) return objection;
    await writeDecision(tx, context.events, deciding, request, note);
    return null;
  });
  return refused ?? answerWith(context.database, deciding.community, deciding.request);
}

/** Takes one's own pending request back. */
export async function cancelRequest(
  context: CreditContext,
  cancelling: { community: string; player: number; request: number; source: string },
): Promise<Answer> {
  const { community, player, request: id } = cancelling;
  const refused = await inTransaction(credits(context.database), async (tx) => {
    const request = await tx
      .selectFrom('credit_requests')
      .select(['status', 'player_id'])
      .where('id', '=', id)
      .where('community_id', '=', community)
      .forUpdate()
      .executeTakeFirst();
    // Another member's request is not found: what others ask for is nobody's business.
    if (request?.player_id !== player) return notFound(id);
    if (request.status === 'cancelled') return null;
    if (request.status !== 'pending') {
      return refusal('already-decided', 409, 'Too late', `Request #${id} has been ${request.status} already.`);
    }
    await tx
      .updateTable('credit_requests')
      .set({ status: 'cancelled', approved_at: sql<Date>`now()`, approved_by_id: player })
      .where('id', '=', id)
      .execute();
    const subject = subjectOf(id);
    const actor: AuditActor = { player, discord_id: null };
    await writeAudit(asPlatform(tx), {
      community,
      actor,
      action: 'credit.cancelled',
      subject,
      source: cancelling.source,
    });
    await context.events.write(asPlatform(tx), {
      community,
      type: 'credit.cancelled',
      subject,
      payload: { request: id },
    });
    return null;
  });
  return refused ?? answerWith(context.database, community, id);
}

/**
 * Notes which message is the card of a request, so that it can be edited later. Where the request was decided or
 * cancelled before its card was there, that event comes again: its flow can show it on the card now.
 */
export async function keepCard(
  context: CreditContext,
  card: { community: string; request: number; channel: string; message: string },
): Promise<Answer> {
  const { community, request: id, channel, message } = card;
  const pending = await keepPendingCard(context.database, { community, id, channel, message });
  // Only what was decided meanwhile needs more: its event comes again for the card.
  if (pending) return { request: pending };
  await inTransaction(credits(context.database), async (tx) => {
    const request = await tx
      .selectFrom('credit_requests')
      .select('discord_message_id')
      .where('id', '=', id)
      .where('community_id', '=', community)
      .forUpdate()
      .executeTakeFirst();
    if (!request || request.discord_message_id === message) return;
    const kept = { discord_channel_id: channel, discord_message_id: message };
    await tx.updateTable('credit_requests').set(kept).where('id', '=', id).execute();
    const types = ['credit.decided', 'credit.cancelled'];
    await context.events.repeat(asPlatform(tx), { community, subject: subjectOf(id), types });
  });
  return answerWith(context.database, community, id);
}

export const subjectOf = (request: number): string => `credit-request/${request}`;

async function answerWith(database: Database, community: string, id: number): Promise<Answer> {
  const request = await findRequest(database, community, id);
  return request ? { request } : notFound(id);
}

function notFound(id: number): { refusal: Refusal } {
  return refusal('request-not-found', 404, 'No such request', `There is no request #${id} here.`);
}

/** A text that somebody typed: null when empty, stored as written otherwise. */
function readText(value: unknown, name: string): string | null | { refusal: Refusal } {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') {
    return refusal(`invalid-${name}`, 422, `Not a possible ${name}`, `The ${name} must be text.`);
  }
  // PostgreSQL's text cannot hold NUL, and lone surrogates are not Unicode text.
  const text = value.replaceAll('\0', '').toWellFormed();
  const length = [...text].length;
  if (length > LONGEST_REASON) {
    return refusal(
      `${name}-too-long`,
      422,
      `The ${name} is too long`,
      `Use up to ${LONGEST_REASON} characters; this ${name} has ${length}.`,
    );
  }
  return text;
}

type AskedBy = Pick<Asking, 'community' | 'player' | 'source'>;

/**
 * Two requests of one member at once are counted one after the other: the player's row is locked. Whoever only refers
 * to it does not wait, nor do they wait for that.
 */
const lockAndReadLimits = compiledOnce((database, parameter: Parameter<AskedBy>) =>
  credits(database)
    .selectFrom(['players', 'communities'])
    .select(['credits_per_request as perRequest', 'credits_per_day as perDay'])
    .where('players.id', '=', parameter('player'))
    .where('communities.id', '=', parameter('community'))
    .forNoKeyUpdate('players'),
);

/** The request that this source made already, and how many credits the player asked for in 24 hours. */
const askedSoFar = compiledOnce((database, parameter: Parameter<AskedBy>) => {
  const requests = credits(database).selectFrom('credit_requests').where('community_id', '=', parameter('community'));
  const before = requests.select('id').where('source_id', '=', parameter('source'));
  const asked = requests
    .select(sql<number>`coalesce(sum(amount), 0)::bigint`.as('total'))
    .where('player_id', '=', parameter('player'))
    .where('status', 'in', ['pending', 'approved'])
    .where('created_at', '>', sql<Date>`now() - interval '24 hours'`);
  return credits(database).selectNoFrom([before.as('before'), asked.$asScalar().$notNull().as('asked')]);
});

async function checkRight(
  database: Database,
  community: string,
  decider: Decider,
): Promise<{ refusal: Refusal } | null> {
  if (decider.kind === 'policy') return null;
  return refuseUnlessApprover(database, community, decider, 'Deciding requests');
}

function checkRequest(request: CreditRequest, decider: Decider): { refusal: Refusal } | null {
  if (decider.kind === 'person' && decider.player === request.player.id) {
    return refusal('own-request', 403, 'Not your own', 'Nobody decides their own request. Somebody else has to.');
  }
  if (request.status === 'pending') return null;
  const by = request.decided_by?.discord_id ? `<@${request.decided_by.discord_id}>` : request.decided_by?.name;
  const when = request.decided_at ? ` <t:${request.decided_at}:R>` : '';
  return refusal(
    'already-decided',
    409,
    'Decided already',
    `Request #${request.id} was ${request.status} by ${by}${when}.`,
  );
}

/** True where this very event or press, through this node, made the decision: coming again it gets the same answer. */
async function decidedBefore(tx: Database<CreditTables>, deciding: Deciding): Promise<boolean> {
  const { community, request, source, decider } = deciding;
  const node = decider.kind === 'policy' ? decider.node : null;
  const row = await tx
    .selectFrom('audit_log')
    .select('id')
    .where('community_id', '=', community)
    .where('subject', '=', subjectOf(request))
    .where('source_id', '=', source)
    .where('action', 'in', ['credit.approved', 'credit.rejected'])
    .where(sql<string | null>`actor ->> 'node'`, 'is not distinct from', node)
    .executeTakeFirst();
  return row !== undefined;
}

/** A policy's decisions of the last 24 hours stay under the cap that its node sets. */
async function checkPolicyCap(
  tx: Database<CreditTables>,
  { community, decision, decider }: Deciding,
  amount: number,
): Promise<{ refusal: Refusal } | null> {
  if (decider.kind !== 'policy' || decision !== 'approve') return null;
  // One policy's decisions queue up here, so that two at once cannot pass the cap together.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${community}/${decider.node}`}, 0))`.execute(tx);
  const { rows } = await sql<{ total: number }>`
    select coalesce(sum((after ->> 'amount')::bigint), 0)::bigint as total from audit_log
    where community_id = ${community} and action = 'credit.approved'
      and actor ->> 'node' = ${decider.node} and at > now() - interval '24 hours'`.execute(tx);
  const spent = rows[0]?.total ?? 0;
  if (spent + amount <= decider.dailyCap) return null;
  return refusal(
    'policy-cap',
    429,
    "The policy's daily cap is reached",
    `“${decider.name}” may approve ${decider.dailyCap} credits in 24 hours and has approved ${spent}. A person has to decide.`,
  );
}

async function writeDecision(
  tx: Database<CreditTables>,
  events: Events,
  { community, decision, decider, source, card }: Deciding,
  request: CreditRequest,
  note: string | null,
): Promise<void> {
  const approved = decision === 'approve';
  const status = approved ? 'approved' : 'rejected';
  const keepsCard = card && !request.discord_message_id;
  await tx
    .updateTable('credit_requests')
    .set({
      status,
      approved_at: sql<Date>`now()`,
      approved_by_id: decider.kind === 'person' ? decider.player : null,
      approved_by_policy: decider.kind === 'policy' ? decider.name : null,
      approval_note: note,
      ...(keepsCard ? { discord_channel_id: card.channel, discord_message_id: card.id } : {}),
    })
    .where('id', '=', request.id)
    .execute();
  const before = await balancesOf(asPlatform(tx), community, request.player.id);
  if (approved) {
    await enter(asPlatform(tx), community, [
      {
        player: request.player.id,
        creditType: request.credit_type,
        amount: request.amount,
        request: request.id,
        source,
      },
    ]);
  }
  await writeAudit(asPlatform(tx), {
    community,
    actor:
      decider.kind === 'person'
        ? { player: decider.player, discord_id: decider.discordId }
        : { policy: decider.name, node: decider.node, revision: decider.revision },
    action: `credit.${status}`,
    subject: subjectOf(request.id),
    before: { balance: before[request.credit_type] },
    after: { balance: before[request.credit_type] + (approved ? request.amount : 0), amount: request.amount },
    source,
  });
  await events.write(asPlatform(tx), {
    community,
    type: 'credit.decided',
    subject: subjectOf(request.id),
    payload: { request: request.id },
  });
}
