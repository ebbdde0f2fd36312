import type { Guildhall } from '../support/guildhall.ts';
import { allMessages, query } from '../support/inside.ts';
import type { Acknowledged } from './acknowledged.ts';

interface RequestRow {
  id: number;
  status: 'pending' | 'approved' | 'rejected' | 'cancelled';
  amount: number;
  member: string;
  ledger: number;
  audited: number;
  requested: number;
  decided: number;
  cancelled: number;
}

const REQUESTS = `
  select request.id::int, status, amount::int, link.discord_username as member,
    (select count(*)::int from credit_ledger where request_id = request.id and amount = request.amount) as ledger,
    (select count(*)::int from audit_log where subject = 'credit-request/' || request.id) as audited,
    (select count(*)::int from events where subject = 'credit-request/' || request.id and type = 'credit.requested')
      as requested,
    (select count(*)::int from events where subject = 'credit-request/' || request.id and type = 'credit.decided')
      as decided,
    (select count(*)::int from events where subject = 'credit-request/' || request.id and type = 'credit.cancelled')
      as cancelled
  from credit_requests as request join links as link on link.player_id = request.player_id order by request.id`;

/** What people see of a request. */
interface Shown {
  cards: { status: string; buttons: boolean }[];
  told: { member: string; status: string }[];
}

async function shownTo(hall: Guildhall): Promise<Map<number, Shown>> {
  const { channels, members } = await hall.sandbox<{
    channels: { id: string; name: string }[];
    members: { username: string; dmChannel: string | null }[];
  }>('state');
  const shown = new Map<number, Shown>();
  const of = (request: string | undefined): Shown => {
    const known = shown.get(Number(request)) ?? { cards: [], told: [] };
    shown.set(Number(request), known);
    return known;
  };
  const approvals = channels.find(({ name }) => name === 'credit-approvals')?.id ?? '';
  for (const { embeds, components } of await allMessages(hall, approvals)) {
    const card = /^Request #(\d+)(?:: (\w+))?$/.exec(embeds[0]?.title ?? '');
    if (card) of(card[1]).cards.push({ status: card[2] ?? 'pending', buttons: components.length > 0 });
  }
  for (const { username: member, dmChannel } of members) {
    for (const { content } of dmChannel ? await allMessages(hall, dmChannel) : []) {
      const told = /^Your request #(\d+) for .* was \*\*(\w+)\*\*/.exec(content);
      if (told) of(told[1]).told.push({ member, status: told[2] ?? '' });
    }
  }
  return shown;
}

/** Compares what members were told, what is stored and what people see. Returns everything that does not fit. */
export async function findProblems(hall: Guildhall, acknowledged: Acknowledged) {
  const requests = await query<RequestRow>(hall, REQUESTS);
  const shown = await shownTo(hall);
  const problems = [...acknowledged.contradictions];
  const byId = new Map(requests.map((request) => [request.id, request]));
  for (const [id, { as, amount }] of acknowledged.asked) {
    const stored = byId.get(id);
    if (stored?.member !== as || stored.amount !== amount) problems.push(`#${id}: the request of ${as} is lost`);
  }
  for (const [id, outcome] of acknowledged.settled) {
    if (byId.get(id)?.status !== outcome)
      problems.push(`#${id}: ${outcome}, they were told, but ${byId.get(id)?.status}`);
  }
  let duplicates = 0;
  for (const request of requests) {
    const { cards, told } = shown.get(request.id) ?? { cards: [], told: [] };
    duplicates += Math.max(0, cards.length - 1) + Math.max(0, told.length - 1);
    problems.push(
      ...objections(request, cards, told).map((objection) => `#${request.id} ${request.status}: ${objection}`),
    );
  }
  const [sums] = await query<{ ledger: number; balances: number }>(
    hall,
    `select (select coalesce(sum(amount), 0)::int from credit_ledger) as ledger,
       (select coalesce(sum(balance), 0)::int from credit_accounts) as balances`,
  );
  const approved = requests.filter(({ status }) => status === 'approved');
  const credited = approved.reduce((sum, { amount }) => sum + amount, 0);
  if (sums?.ledger !== credited || sums.balances !== credited) {
    problems.push(`approved ${credited}, ledger ${sums?.ledger}, balances ${sums?.balances}`);
  }
  const counts = Object.groupBy(requests, ({ status }) => status);
  return { problems, duplicates, requests: requests.length, statuses: counts };
}

/** What does not fit about one request. */
function objections(request: RequestRow, cards: Shown['cards'], told: Shown['told']): string[] {
  const { status, member } = request;
  const decided = status === 'approved' || status === 'rejected';
  const expected: [string, unknown, unknown][] = [
    ['ledger rows', request.ledger, status === 'approved' ? 1 : 0],
    ['events of the request', request.requested, 1],
    ['events of a decision', request.decided, decided ? 1 : 0],
    ['events of a cancellation', request.cancelled, status === 'cancelled' ? 1 : 0],
    ['audit rows', request.audited, status === 'pending' ? 0 : 1],
    ['cards', JSON.stringify(cards), JSON.stringify([{ status, buttons: status === 'pending' }])],
    ['direct messages', JSON.stringify(told), JSON.stringify(decided ? [{ member, status }] : [])],
  ];
  return expected
    .filter(([, found, wanted]) => found !== wanted)
    .map(([what, found, wanted]) => `${what}: ${found} instead of ${wanted}`);
}
