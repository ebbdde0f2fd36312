import { wait } from '../../platform/clock.ts';
import { type Answered, type Guildhall, until } from '../support/guildhall.ts';
import { allMessages } from '../support/inside.ts';
import type { Random } from '../support/random.ts';
import type { Acknowledged } from './acknowledged.ts';

const MEMBERS = ['ana', 'kenji', 'layla', 'dmitri', 'eleni', 'firefox', 'minji', 'priya', 'lukas'];
const APPROVERS = ['amara', 'bo', 'chen'];

interface Card {
  message: string;
  request: number;
}

/** Members who ask and cancel, and approvers who press, several at once on the same card, until they are stopped. */
export class Members {
  private readonly hall: Guildhall;
  private readonly random: Random;
  private readonly acknowledged: Acknowledged;
  private readonly cards: Card[] = [];
  private readonly interactions: string[] = [];
  private newestCard = '0';
  private approvals = '';
  private stopped = true;
  private working: Promise<unknown> = Promise.resolve();

  constructor(hall: Guildhall, random: Random, acknowledged: Acknowledged) {
    this.hall = hall;
    this.random = random;
    this.acknowledged = acknowledged;
  }

  start(): void {
    this.stopped = false;
    const loops: [count: number, work: () => Promise<void>][] = [
      [3, () => this.asks()],
      [5, () => this.decides()],
      [1, () => this.replays()],
      [1, () => this.looks()],
    ];
    this.working = Promise.all(
      loops.flatMap(([count, work]) => Array.from({ length: count }, () => this.repeat(work))),
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.working;
  }

  /** The work that fails because the program was killed under it is not done: nobody was told that it was. */
  private async repeat(work: () => Promise<unknown>): Promise<void> {
    while (!this.stopped) {
      try {
        await work();
      } catch {
        await wait(20);
      }
      await wait(this.random.between(5, 60));
    }
  }

  private async told(as: string, answer: Promise<Answered>): Promise<number | null> {
    const answered = await answer;
    this.interactions.push(answered.interaction);
    return this.acknowledged.note(as, answered);
  }

  /** A member asks for credits, and sometimes takes it back at once. */
  private async asks(): Promise<void> {
    const as = this.random.pick(MEMBERS);
    const kind = this.random.pick(['ai-credit', 'lead-credit']);
    const reason = this.random.chance(0.3) ? ' reason:"three closings"' : '';
    const amount = this.random.between(1, 5);
    const request = await this.told(as, this.hall.command(as, `/request ${kind} amount:${amount}${reason}`));
    if (request && this.random.chance(0.1)) await this.cancel(request);
  }

  /** Somebody settles a request that is open: approvers together, one with a note, or the member who takes it back. */
  private async decides(): Promise<void> {
    const card = this.takeCard();
    if (!card) return;
    const way = this.random.between(1, 10);
    if (way <= 6) await this.approve(card);
    else if (way <= 8) await this.reject(card);
    else await this.cancel(card.request);
  }

  private takeCard(): Card | undefined {
    return this.cards.splice(this.random.between(0, Math.max(0, this.cards.length - 1)), 1)[0];
  }

  /** Several approvers press at once. */
  private async approve({ message }: Card): Promise<void> {
    const approvers = this.random.shuffle(APPROVERS).slice(0, this.random.between(1, APPROVERS.length));
    await Promise.allSettled(approvers.map((as) => this.told(as, this.hall.press(as, message, 'Approve'))));
  }

  private async reject({ message }: Card): Promise<void> {
    const as = this.random.pick(APPROVERS);
    const pressed = await this.hall.press(as, message, 'Reject');
    if (pressed.modal) await this.told(as, this.hall.submit(as, pressed.interaction, { note: 'not this *time*' }));
  }

  private async cancel(request: number): Promise<void> {
    const as = this.acknowledged.asked.get(request)?.as;
    if (!as) return;
    const { messages } = await this.hall.command(as, '/request list');
    await this.told(as, this.hall.press(as, messages[0]?.id ?? '', `Cancel #${request}`));
  }

  /** The gateway sends an interaction once more. */
  private async replays(): Promise<void> {
    const interaction = this.interactions.splice(0, this.random.between(1, 5)).at(-1);
    if (interaction) await this.hall.sandbox('replay', { interaction });
  }

  /** Approvers see new cards. */
  private async looks(): Promise<void> {
    if (!this.approvals) {
      const { channels } = await this.hall.state();
      this.approvals = channels.find(({ name }) => name === 'credit-approvals')?.id ?? '';
    }
    for (const { id, embeds, components } of await allMessages(this.hall, this.approvals, this.newestCard)) {
      this.newestCard = id;
      const request = /^Request #(\d+)$/.exec(embeds[0]?.title ?? '')?.[1];
      if (request && components.length > 0) this.cards.push({ message: id, request: Number(request) });
    }
    await wait(50);
  }

  /** One approver presses Approve; the answer is noted when it comes. */
  async pressOne(): Promise<{ request: number; answered: Promise<unknown> }> {
    const { message, request } = await until('a card', () => this.findCard(), 60_000);
    const as = this.random.pick(APPROVERS);
    const answered = this.told(as, this.hall.press(as, message, 'Approve')).catch(() => null);
    return { request, answered };
  }

  private async findCard(): Promise<Card | undefined> {
    const card = this.takeCard();
    if (card) return card;
    // What a member asks for may be settled by the others of this load before the member takes it back.
    await this.asks().catch(() => null);
    await this.looks();
    return this.takeCard();
  }
}
