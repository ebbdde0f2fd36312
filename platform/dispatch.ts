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

interface Parts {
  gate: Gate;
  intakes: Intakes;
  interactions: Interactions;
  log: Log;
}

const FOREIGN_KEY_VIOLATION = '23503';
/** A deploy takes far less; after this the member is told. */
const FLOWS_AWAY_MILLISECONDS = 20_000;
/** So often an interaction is taken up again after deploys. */
const MOST_ATTEMPTS = 3;

/** Brings one interaction, as Discord sent it, to the node that takes it, and sees to it that it is answered. */
export async function dispatchInteraction(data: APIInteraction, parts: Parts): Promise<void> {
  const { interactions } = parts;
  const interaction = readInteraction(data);
  if (!interaction) return;
  if (!interactions.arrived(data, () => findIntake(interaction, parts)?.deferral ?? 'ephemeral')) return;
  try {
    await handle(data, interaction, parts);
  } finally {
    interactions.settle(interaction.id);
  }
}

async function handle(data: APIInteraction, interaction: Interaction, parts: Parts): Promise<void> {
  const { interactions, log } = parts;
  try {
    if (!(await interactions.receive({ id: data.id, token: data.token, community: interaction.community }))) return;
  } catch (error) {
    const fault = toFault(error);
    const unknown = (error as { code?: string }).code === FOREIGN_KEY_VIOLATION;
    if (!unknown) log.warn({ interaction: interaction.id }, `an interaction could not be kept: ${fault.message}`);
    const content = unknown
      ? 'This server is not set up in Guildhall yet. An admin adds it as a community in the flow editor.'
      : 'This cannot be done at the moment. Nothing was changed: please try again in a minute.';
    return say(interaction.id, content, parts);
  }
  let end: RunEnd | null = null;
  // A deploy that cut it off is no reason to lose it: rules and effects count one interaction once.
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    if (!parts.gate.isOpen) await Promise.race([parts.gate.pass(), wait(FLOWS_AWAY_MILLISECONDS)]);
    const intake = parts.gate.isOpen ? findIntake(interaction, parts) : null;
    end = intake ? await intake.take(interaction) : null;
    if (!end?.cutOff || interactions.answered(interaction.id)) break;
  }
  if (!interactions.answered(interaction.id)) await answerForTheFlow(interaction, end, parts);
}

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

async function say(interaction: string, content: string, { interactions, log }: Parts): Promise<void> {
  await interactions
    .answer(interaction, { kind: 'message', ephemeral: true, body: { content } })
    .catch((error: Error) => log.warn({ interaction }, `not answered: ${error.message}`));
}

/**
 * Hands one event to every node that takes its kind.
 * @throws Fault when it must come again: a node met a passing fault, or the flows were stopped under it
 */
export async function dispatchEvent(event: CommunityEvent, { gate, intakes, log }: Parts): Promise<void> {
  await gate.pass();
  const ends = await Promise.all(intakes.events(event.community, event.type).map((intake) => intake.take(event)));
  for (const { fault, cutOff } of ends) {
    if (cutOff) throw toFault(new Error('the flows were stopped while it was handled'));
    if (fault?.retry) throw fault;
    if (fault) log.error({ event: event.id, code: fault.code }, `flow failed: ${fault.message}`);
  }
}
