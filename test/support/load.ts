import { wait } from '../../platform/clock.ts';
import type { Answered, Guildhall } from './guildhall.ts';
import { allHandled, allMessages } from './inside.ts';

const MEMBERS = ['ana', 'kenji', 'layla', 'dmitri', 'eleni', 'firefox', 'minji', 'priya', 'lukas'];
const APPROVERS = ['amara', 'bo', 'chen'];
const COMMANDS_A_SECOND = 100;

type Command = [input: string, answer: RegExp];
const ASK: Command = ['/request ai-credit amount:1', /^You asked for \*\*1 AI credits/];
const PROFILE: Command = ['/profile', /^$/];
const LIST: Command = ['/request list', /^(\*\*#|You have not asked)/];

/**
 * What members type in turn. A request that is approved takes four calls to Discord, which takes 50 a second from one
 * bot: a tenth of the commands are requests.
 */
const COMMANDS = [ASK, PROFILE, LIST, PROFILE, LIST, PROFILE, LIST, PROFILE, LIST, PROFILE];

interface Tally {
  count: number;
  /** The answers that were not as they should be. */
  unexpected: string[];
}

/** Members run commands and approvers press Approve, once a card, until it is stopped. */
export async function startLoad(hall: Guildhall) {
  const { channels } = await hall.state();
  const channel = channels.find(({ name }) => name === 'credit-approvals')?.id ?? '';
  const [newest] = (await allMessages(hall, channel)).slice(-1);
  const commands = { count: 0, asked: 0, unexpected: [] as string[] };
  const presses: Tally = { count: 0, unexpected: [] };
  const underWay = new Set<Promise<unknown>>();
  let stopped = false;

  const note = (tally: Tally, answered: Promise<Answered>, expected: RegExp): void => {
    tally.count += 1;
    const noted = answered.then(
      ({ messages, error }) => {
        const said = messages[0]?.content ?? 'no message';
        if (error || !expected.test(said)) tally.unexpected.push(`${error ?? ''} ${said}`);
      },
      (error: Error) => tally.unexpected.push(error.message),
    );
    underWay.add(noted);
    void noted.finally(() => underWay.delete(noted));
  };
  const runCommands = async (): Promise<void> => {
    const begun = Date.now();
    for (let sent = 0; !stopped; ) {
      const due = ((Date.now() - begun) * COMMANDS_A_SECOND) / 1000;
      for (; sent < due; sent += 1) {
        const command = COMMANDS[sent % COMMANDS.length] ?? PROFILE;
        if (command === ASK) commands.asked += 1;
        const [input, expected] = command;
        note(commands, hall.command(MEMBERS[sent % MEMBERS.length] ?? '', input), expected);
      }
      await wait(5);
    }
  };
  const pressCards = async (): Promise<void> => {
    for (let last = newest?.id; !stopped; await wait(100)) {
      const cards = await allMessages(hall, channel, last);
      for (const { id, components } of cards) {
        const approver = APPROVERS[presses.count % APPROVERS.length] ?? '';
        if (components.length > 0) note(presses, hall.press(approver, id, 'Approve'), /^You approved/);
      }
      last = cards.at(-1)?.id ?? last;
    }
  };
  const running = Promise.all([runCommands(), pressCards()]);

  let cards = 0;
  return {
    commands,
    presses,
    /** How many cards there are of it, once it has stopped. */
    cards: () => cards,
    /** Ends it and waits until all is answered and handled. */
    stop: async () => {
      stopped = true;
      await running;
      await Promise.all(underWay);
      await allHandled(hall);
      cards = (await allMessages(hall, channel, newest?.id)).length;
    },
  };
}
