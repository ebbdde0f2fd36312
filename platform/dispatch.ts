import { wait } from './clock.ts';
import type { APIInteraction } from './discord/index.ts';
import { readInteraction } from './discord/interaction.ts';
import type { CommunityEvent } from './events.ts';
import { toFault } from './fault.ts';
import type { Gate } from './gate.ts';
import type { Intakes, Interaction } from './intakes.ts';
import type { Interactions } from './interactions.ts';
import type { Log } from './log.ts';
import type { RunEnd } from './runs.ts';
import type { TraceSubject, Traces } from './traces.ts';

interface Parts {
  gate: Gate;
  intakes: Intakes;
  interactions: Interactions;
  traces: Traces;
  log: Log;
  /** Says why a member saw no suggestions; the same `about` is written once in a while, as every keystroke asks. */
  noSuggestions(message: string, about: string): void;
}

const FOREIGN_KEY_VIOLATION = '23503';
/** A deploy takes far less; after this the member is told. */
const FLOWS_AWAY_MILLISECONDS = 20_000;
/** So often an interaction is taken up again after deploys. */
const MOST_ATTEMPTS = 3;

/** Discord takes suggestions for three seconds. */
const SUGGESTIONS_WITHIN_MILLISECONDS = 2000;

/** What a member is typing is not written down. */
const NOTHING_TO_KEEP = Promise.resolve(true);

/** Brings one interaction, as Discord sent it, to the node that takes it, and sees to it that it is answered. */
export async function dispatchInteraction(data: APIInteraction, parts: Parts): Promise<void> {
  const { interactions, traces } = parts;
  const interaction = readInteraction(data);
  if (!interaction) return;
  if (interaction.kind === 'autocomplete') return suggest(data, interaction, parts);
  if (!interactions.arrived(data, () => findIntake(interaction, parts)?.deferral ?? 'ephemeral')) return;
  traces.begin(data.id, subjectOf(interaction));
  try {
    await handle(data, interaction, parts);
  } finally {
    traces.end(data.id);
    interactions.settle(interaction.id);
  }
}

/** Asks the flow for suggestions. Without an answer in time there are none, and typing goes on. */
async function suggest(data: APIInteraction, interaction: Interaction, parts: Parts): Promise<void> {
  const { gate, interactions, traces, log, noSuggestions } = parts;
  const { id, community, path: name, focused } = interaction;
  interactions.typing(data, focused?.isNumber ? 'number' : 'text');
  const intake = gate.isOpen ? findIntake(interaction, parts) : null;
  const over = new AbortController();
  if (intake) {
    traces.begin(id, subjectOf(interaction));
    const asking = intake.take(interaction, NOTHING_TO_KEEP).then(({ fault }) => {
      // The fault's message may hold what was typed.
      if (fault) noSuggestions(`/${name} (${fault.code}): ${fault.message}`, `${community} ${name} ${fault.code}`);
      traces.end(id);
      over.abort();
    });
    await Promise.race([asking, wait(SUGGESTIONS_WITHIN_MILLISECONDS, over.signal)]);
  }
  if (!interactions.answered(id)) {
    await interactions
      .answer(id, { kind: 'suggestions', choices: [] })
      .catch((error: Error) => log.debug(`no suggestions: ${error.message}`));
  }
  interactions.settle(id);
}

async function handle(data: APIInteraction, interaction: Interaction, parts: Parts): Promise<void> {
  const { gate, interactions, traces, log } = parts;
  const kept = interactions.receive({ id: data.id, token: data.token, community: interaction.community });
  const take = async (): Promise<RunEnd | null> => {
    if (!gate.isOpen) {
      await Promise.race([gate.pass(), wait(FLOWS_AWAY_MILLISECONDS)]);
      traces.mark(data.id, 'let_in');
    }
    const intake = gate.isOpen ? findIntake(interaction, parts) : null;
    return intake ? intake.take(interaction, kept) : null;
  };
  // The intake looks up who acts while the interaction is written down.
  const taking = take();
  try {
    if (!(await kept)) return traces.forget(data.id);
    traces.mark(data.id, 'kept');
  } catch (error) {
    const fault = toFault(error);
    const unknown = (error as { code?: string }).code === FOREIGN_KEY_VIOLATION;
    if (!unknown) log.warn({ interaction: interaction.id }, `an interaction could not be kept: ${fault.message}`);
    traces.failed(data.id, unknown ? 'community-unknown' : fault.code);
    const content = unknown
      ? 'This server is not set up in Guildhall yet. An admin adds it as a community in the flow editor.'
      : 'This cannot be done at the moment. Nothing was changed: please try again in a minute.';
    return say(interaction.id, content, parts);
  }
  let end = await taking;
  // A deploy that cut it off is no reason to lose it: rules and effects count one interaction once.
  for (let attempt = 2; attempt <= MOST_ATTEMPTS; attempt += 1) {
    if (!end?.cutOff || interactions.answered(interaction.id)) break;
    end = await take();
  }
  if (!interactions.answered(interaction.id)) await answerForTheFlow(interaction, end, parts);
}

/** What a trace says of an interaction: never what a member typed. */
const subjectOf = ({ kind, community, path, options, user }: Interaction): TraceSubject => ({
  kind,
  community,
  name: path,
  about: '',
  options: Object.keys(options),
  member: user.displayName,
});

const findIntake = ({ community, kind, path }: Interaction, { intakes }: Parts) =>
  intakes.interaction(community, kind, path);

/** A member is never left with "The application did not respond". */
async function answerForTheFlow(interaction: Interaction, end: RunEnd | null, parts: Parts): Promise<void> {
  const { gate, log } = parts;
  const reference = interaction.id.slice(-6);
  const said = interaction.kind === 'command' ? `/${interaction.path}` : 'this button';
  let content = `Done, but no flow says what came of ${said}. (${reference})`;
  if (!gate.isOpen) content = `The flows are stopped at the moment. Please try again later. (${reference})`;
  else if (!end) content = `No flow takes ${said} any more. (${reference})`;
  else if (end.cutOff) content = `The flows were changed at this very moment. Please try again. (${reference})`;
  else if (end.fault?.retry) {
    content = `This did not work at the moment. Please look in a minute, and try again if it was not done. (${reference})`;
  } else if (end.fault) content = `Something went wrong (${end.fault.code}). An admin finds it under ${reference}.`;
  if (end?.fault) {
    log.error({ interaction: interaction.id, reference, code: end.fault.code }, `flow failed: ${end.fault.message}`);
  }
  await say(interaction.id, content, parts);
}

async function say(interaction: string, content: string, { interactions, traces, log }: Parts): Promise<void> {
  traces.mark(interaction, 'stood_in');
  await interactions
    .answer(interaction, { kind: 'message', ephemeral: true, body: { content } })
    .catch((error: Error) => log.warn({ interaction }, `not answered: ${error.message}`));
}

/**
 * Hands one event to every node that takes its kind.
 * @throws Fault when it must come again: a node met a passing fault, or the flows were stopped under it
 */
export async function dispatchEvent(event: CommunityEvent, { gate, intakes, traces, log }: Parts): Promise<void> {
  await gate.pass();
  const { id, community, type: name, subject: about } = event;
  const takers = intakes.events(event);
  if (takers.length === 0) return;
  const source = `event/${id}`;
  traces.begin(source, { kind: 'event', community, name, about, options: [], member: '' });
  const ends = await Promise.all(takers.map((intake) => intake.take(event))).finally(() => traces.end(source));
  for (const { fault, cutOff } of ends) {
    if (cutOff) throw toFault(new Error('the flows were stopped while it was handled'));
    if (fault?.retry) throw fault;
    if (fault) log.error({ event: event.id, code: fault.code }, `flow failed: ${fault.message}`);
  }
}
