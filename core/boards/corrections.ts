import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { writeAudit } from '../../platform/audit.ts';
import { type Database, inTransaction, type Tx } from '../../platform/database/index.ts';
import { type Refusal, refusal } from '../../platform/fault.ts';
import { lockPlayers } from '../people/index.ts';
import { type Board, boardsIn } from './boards.ts';
import { toFourPlaces } from './decimals.ts';
import { CORRECTION_PREFIX, LONGEST_ID, refuseValue } from './definition.ts';
import { auditActorOf, type Doer, refuseUnlessMay } from './doers.ts';
import { HeldStandings } from './held-standings.ts';
import { keepBoardsStill } from './locks.ts';
import { lineOf } from './pictures/texts.ts';
import { LONGEST_REASON, noSuchPlayer, readReason } from './players.ts';
import { countEvents } from './score-events.ts';
import { counts, type Deed, replay } from './scoring.ts';
import { nextSlots } from './slots.ts';
import { boardTables } from './tables.ts';

export interface Corrected {
  /** By this number the correction, or what was added, can be taken back. */
  correction: number;
  player: number;
  /** What the player has on each board now. */
  scores: { board: string; score: number | null }[];
}

/** What a person or a server does by hand to one metric of a player. */
interface ByHand {
  community: string;
  /** As the web app's id or our number. */
  player: string | number;
  metric: unknown;
  value: unknown;
  reason: unknown;
  corrector: Doer;
  source: string;
}

/**
 * Adds a score event by hand, with a reason: it counts on every board that knows the metric, and can be taken back. The
 * same source adds once.
 */
export async function addScore(
  { database }: { database: Database },
  adding: ByHand,
): Promise<Corrected | { refusal: Refusal }> {
  const { community, corrector, source } = adding;
  const read = await readByHand(database, adding);
  if ('refusal' in read) return read;
  return inTransaction(database, async (tx) => {
    await keepBoardsStill(tx, community);
    const all = await boardsIn(tx, community);
    const boards = all.filter(({ definition }) => counts(definition, read.metrics));
    if (boards.length === 0) return unknownMetric(read.name);
    const player = (await lockPlayers(tx, community, [adding.player]))(adding.player);
    if (player === null) return noSuchPlayer(adding.player);
    const id = correctionId(source);
    const before = await findByEventId(tx, community, id);
    const was = await HeldStandings.read(tx, boards, [player]);
    if (before !== null) {
      const isSame = isDeed(before, { kind: 'score', metrics: read.metrics, player, board: null });
      return isSame ? answer(was, boards, before.seq, player) : somethingElse();
    }
    const counting = { community, boards: all, source, giveSlots: nextSlots };
    const { accepted } = await countEvents(tx, counting, [{ id, player, metrics: read.metrics }]);
    const added = accepted === 1 ? await findByEventId(tx, community, id) : null;
    if (added === null) return tooLarge('With it');
    const { seq } = added;
    const standings = await HeldStandings.read(tx, boards, [player]);
    await keepReason(tx, seq, read.reason, corrector);
    await writeAudit(tx, {
      community,
      actor: auditActorOf(corrector),
      action: 'score.added',
      subject: `score/${seq}`,
      before: { standings: standingsOf(was, boards, player) },
      after: { metric: read.name, value: read.value, standings: standingsOf(standings, boards, player) },
      source,
    });
    return answer(standings, boards, seq, player);
  });
}

/**
 * Sets what a metric of a player holds, with a reason; what was there stays in the log, and the correction can be taken
 * back. The same source corrects once.
 * @param correcting `board` a board's key as it came, or nothing for all that know the metric
 */
export async function correctScore(
  { database }: { database: Database },
  correcting: ByHand & { board: unknown },
): Promise<Corrected | { refusal: Refusal }> {
  const { community, corrector, source } = correcting;
  const read = await readByHand(database, correcting);
  if ('refusal' in read) return read;
  const isForAll = correcting.board === undefined || correcting.board === null || correcting.board === '';
  if (!isForAll && typeof correcting.board !== 'string') return invalid('board is a board’s key, as text.');
  return inTransaction(database, async (tx) => {
    await keepBoardsStill(tx, community);
    const boards = (await boardsIn(tx, community)).filter(
      ({ key, definition }) => (isForAll || key === correcting.board) && counts(definition, read.metrics),
    );
    if (boards.length === 0) return unknownMetric(read.name);
    const player = (await lockPlayers(tx, community, [correcting.player]))(correcting.player);
    if (player === null) return noSuchPlayer(correcting.player);
    const eventId = correctionId(source);
    const before = await findByEventId(tx, community, eventId);
    const standings = await HeldStandings.read(tx, boards, [player]);
    const only = isForAll ? null : (boards[0]?.id ?? null);
    const deed = { kind: 'set' as const, metrics: read.metrics };
    if (before !== null) {
      const isSame = isDeed(before, { ...deed, player, board: only });
      return isSame ? answer(standings, boards, before.seq, player) : somethingElse();
    }
    const was = standingsOf(standings, boards, player);
    if (!standings.apply(player, { ...deed, seq: -1 })) return tooLarge('With it');
    const seq = await append(tx, {
      community,
      kind: 'set',
      eventId,
      player,
      board: only,
      metrics: deed.metrics,
      source,
    });
    await keepReason(tx, seq, read.reason, corrector);
    await standings.write(tx, (at) => (at < 0 ? seq : at));
    await writeAudit(tx, {
      community,
      actor: auditActorOf(corrector),
      action: 'score.corrected',
      subject: `score/${seq}`,
      before: { standings: was },
      after: { metric: read.name, value: read.value, standings: standingsOf(standings, boards, player) },
      source,
    });
    return answer(standings, boards, seq, player);
  });
}

/**
 * Takes back a correction, or any score event: its player then has what the rest of their log makes.
 * @param undoing `seq` the number of the log row, as `correctScore` gave it
 */
export async function takeBack(
  { database }: { database: Database },
  undoing: { community: string; seq: unknown; reason: unknown; corrector: Doer; source: string },
): Promise<Corrected | { refusal: Refusal }> {
  const { community, corrector, source } = undoing;
  const right = await refuseUnlessMay(database, community, corrector, 'correct');
  if (right) return right;
  const reason = readReason(undoing.reason);
  if (reason !== null && typeof reason === 'object') return reason;
  const seq = typeof undoing.seq === 'string' && /^\d{1,15}$/.test(undoing.seq) ? Number(undoing.seq) : undoing.seq;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) return noSuchRow(undoing.seq);
  return inTransaction(database, async (tx) => {
    await keepBoardsStill(tx, community);
    const row = await boardTables(tx)
      .selectFrom('score_log')
      .select(['player_id', 'board_id', 'metrics'])
      .where('seq', '=', seq)
      .where('community_id', '=', community)
      .where('kind', 'in', ['score', 'set'])
      .executeTakeFirst();
    if (!row || row.player_id === null) return noSuchRow(undoing.seq);
    const player = (await lockPlayers(tx, community, [row.player_id]))(row.player_id);
    if (player === null) return noSuchPlayer(row.player_id);
    const boards = (await boardsIn(tx, community)).filter(
      ({ id, definition }) => (row.board_id === null || row.board_id === id) && counts(definition, row.metrics ?? {}),
    );
    const undone = await boardTables(tx)
      .selectFrom('score_log')
      .select('seq')
      .where('undoes', '=', seq)
      .executeTakeFirst();
    const standings = await HeldStandings.read(tx, boards, [player]);
    if (undone) return answer(standings, boards, undone.seq, player);
    const was = standingsOf(standings, boards, player);
    for (const board of boards) {
      const deeds = await deedsOf(tx, board, player);
      const without = replay(
        board.definition,
        deeds.filter((deed) => deed.seq !== seq),
      );
      // Others were counted because this one made room for them.
      if (without.passedOver > replay(board.definition, deeds).passedOver) return tooLarge('Without it');
      standings.replace(board, player, without.standing);
    }
    const back = await append(tx, { community, kind: 'undo', player, board: row.board_id, undoes: seq, source });
    await keepReason(tx, back, reason, corrector);
    await standings.write(tx);
    await writeAudit(tx, {
      community,
      actor: auditActorOf(corrector),
      action: 'score.taken-back',
      subject: `score/${seq}`,
      before: { standings: was },
      after: { standings: standingsOf(standings, boards, player) },
      source,
    });
    return answer(standings, boards, back, player);
  });
}

/** Who may, what of which metric, and why. */
async function readByHand(database: Database, { community, metric, value, reason: given, corrector }: ByHand) {
  const right = await refuseUnlessMay(database, community, corrector, 'correct');
  if (right) return right;
  const reason = readReason(given);
  if (reason !== null && typeof reason === 'object') return reason;
  if (reason === null)
    return invalid(`Say why, in up to ${LONGEST_REASON} characters: it is kept with the correction.`);
  const name = typeof metric === 'string' ? metric : '';
  const bad = refuseValue('The value', value);
  if (bad) return invalid(`${bad}.`);
  return { name, value, reason, metrics: { [name]: toFourPlaces(value as number) } };
}

async function keepReason(tx: Tx, seq: number, reason: string | null, corrector: Doer): Promise<void> {
  await boardTables(tx)
    .insertInto('score_corrections')
    .values({ seq, reason, actor: JSON.stringify(auditActorOf(corrector)) })
    .execute();
}

/** By this a correction counts once. */
function correctionId(source: string): string {
  const fits = CORRECTION_PREFIX.length + source.length <= LONGEST_ID;
  return CORRECTION_PREFIX + (fits ? source : createHash('sha256').update(source).digest('base64url'));
}

/** What counts of a player on a board in its season, oldest first. */
async function deedsOf(tx: Tx, board: Board, player: number): Promise<Deed[]> {
  const { rows } = await sql<Deed>`
    select seq, kind, metrics from score_log as deed
    where community_id = ${board.community} and player_id = ${player} and kind in ('score', 'set')
      and seq > ${board.seasonAfter} and (board_id is null or board_id = ${board.id})
      and not exists (select from score_log as undo where undo.undoes = deed.seq)
    order by seq`.execute(tx);
  return rows;
}

interface NewRow {
  community: string;
  kind: 'set' | 'undo';
  eventId?: string;
  player: number;
  board: number | null;
  metrics?: Record<string, number>;
  undoes?: number;
  source: string;
}

async function append(tx: Tx, row: NewRow): Promise<number> {
  const { seq } = await boardTables(tx)
    .insertInto('score_log')
    .values({
      community_id: row.community,
      kind: row.kind,
      event_id: row.eventId ?? null,
      player_id: row.player,
      board_id: row.board,
      metrics: row.metrics ? JSON.stringify(row.metrics) : null,
      undoes: row.undoes ?? null,
      source_id: row.source,
    })
    .returning('seq')
    .executeTakeFirstOrThrow();
  return seq;
}

/** The player is locked: nobody else corrects them meanwhile. */
async function findByEventId(tx: Tx, community: string, eventId: string) {
  const row = await boardTables(tx)
    .selectFrom('score_log')
    .select(['seq', 'kind', 'player_id', 'board_id', 'metrics'])
    .where('community_id', '=', community)
    .where('event_id', '=', eventId)
    .executeTakeFirst();
  return row ?? null;
}

type LogRow = NonNullable<Awaited<ReturnType<typeof findByEventId>>>;

/** Whether a log row is what the same source wants now: a sender may give two calls one name by mistake. */
const isDeed = (
  row: LogRow,
  { kind, player, board, metrics }: Pick<Deed, 'kind' | 'metrics'> & Pick<NewRow, 'player' | 'board'>,
) =>
  row.kind === kind &&
  row.player_id === player &&
  row.board_id === board &&
  Object.entries(metrics).every(([name, value]) => row.metrics?.[name] === value);

const standingsOf = (standings: HeldStandings, boards: Board[], player: number) =>
  boards.map((board) => ({ board: board.key, score: standings.of(board, player).score }));

function answer(standings: HeldStandings, boards: Board[], correction: number, player: number): Corrected {
  return { correction, player, scores: standingsOf(standings, boards, player) };
}

const invalid = (detail: string) => refusal('invalid-correction', 422, 'Not a possible correction', detail);
const unknownMetric = (name: string) => invalid(`No such board knows the metric “${lineOf(name)}”.`);
const tooLarge = (when: string) => invalid(`${when} a total would be too large a number.`);
const somethingElse = () =>
  refusal(
    'idempotency-key-reused',
    422,
    'Something else',
    'Something else was done under the same Idempotency-Key. Send each correction with a key of its own.',
  );
const noSuchRow = (seq: unknown) =>
  refusal('correction-not-found', 404, 'No such entry', `Nothing in the log has the number “${lineOf(String(seq))}”.`);
