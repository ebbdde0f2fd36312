import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Command, Message } from '../state/model.ts';
import { compareIds } from '../state/snowflake.ts';

import { DM, type Session } from './session.ts';
import { text } from './texts.ts';

/** What the control API answers. */
export interface Outcome {
  interaction?: string;
  modal?: JsonObject;
  choices?: { name: string; value: string | number }[];
  error?: string;
  [key: string]: unknown;
}

/** A command on its way, which only its member sees: still unanswered, or failed. */
export interface PendingCommand {
  key: string;
  user: string;
  place: string;
  name: string;
  /** How it is shown: a slash command with its slash. */
  shown: string;
  /** The newest message when it was sent. */
  since: string;
  error: string | null;
}

/** A file as the control API takes it. */
export interface SentFile {
  name: string;
  type: string;
  content: string;
}

/** The control API refused something, or could not be asked; the message says why. */
export class Refused extends Error {}

/** Asks the control API. @throws Refused */
export async function ask(
  path: string,
  { method = 'GET', body }: { method?: string; body?: JsonObject } = {},
): Promise<JsonObject> {
  const init =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  let answer: Response;
  try {
    answer = await fetch(`/sandbox/${path}`, { method, ...init });
  } catch {
    throw new Refused(text('error.away'));
  }
  const outcome: unknown = await answer.json().catch(() => ({}));
  const said = isObject(outcome) ? outcome : { list: outcome };
  if (!answer.ok) throw new Refused(String(said.error ?? text('error.status', { status: answer.status })));
  return said;
}

/** What a member does, and what is under way. */
export class Actions {
  readonly session: Session;
  /** Opens the modal that an interaction asked for. */
  openModal: (interaction: string, modal: JsonObject) => void = () => {};
  /** Called when the member sends a message or a command. */
  sending: () => void = () => {};
  /** Says why something could not be done. */
  failed: (error: unknown) => void = () => {};
  pendings: PendingCommand[] = [];
  /** Components that were used, by message and custom_id; a text is what went wrong. */
  readonly used = new Map<string, { customId: string; error: string | null }>();
  /** Ephemeral messages that their reader put away. */
  readonly dismissed = new Set<string>();
  #count = 0;

  constructor(session: Session) {
    this.session = session;
    session.mirror.watch(['messages'], () => this.#settle());
  }

  /** Does something as the chosen member, where it is. @throws Refused */
  async act(path: string, body: JsonObject): Promise<Outcome> {
    const { userId, guild, place } = this.session;
    const whole = { as: userId, guild: guild.id, channel: place, ...body };
    const outcome: Outcome = await ask(path, { method: 'POST', body: whole });
    if (isObject(outcome.modal) && outcome.interaction !== undefined)
      this.openModal(outcome.interaction, outcome.modal);
    return outcome;
  }

  /** Does something as the chosen member, and says so when it could not be done. */
  async attempt(path: string, body: JsonObject): Promise<void> {
    try {
      await this.act(path, body);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Writes a message. @throws Refused */
  async say(content: string, files: SentFile[]): Promise<void> {
    this.sending();
    await this.act('say', { content, files });
  }

  /** Runs a command; it is shown as sending until something of its answer is there. @throws Refused when it cannot be sent */
  runCommand(name: string, input: string, files: SentFile[]): Promise<void> {
    return this.#run({ name, shown: `/${name}` }, 'command', { input, files });
  }

  /** Uses a command on a member or a message, and says so when it could not be sent. */
  async useOn(command: Command, target: { user: string } | { message: string }): Promise<void> {
    const { name } = command;
    try {
      await this.#run({ name, shown: name }, 'context', { command: name, ...target });
    } catch (error) {
      this.failed(error);
    }
  }

  async #run(about: Pick<PendingCommand, 'name' | 'shown'>, path: string, body: JsonObject): Promise<void> {
    const { session } = this;
    this.sending();
    const since = session.channel === undefined ? '0' : session.mirror.newest(session.channel.id);
    const pending: PendingCommand = {
      key: `pending-${++this.#count}`,
      user: session.userId,
      place: session.place,
      ...about,
      since,
      error: null,
    };
    this.#setPendings([...this.pendings, pending]);
    try {
      const { error } = await this.act(path, { ...body, wait: false });
      if (error === undefined) this.dismiss(pending.key);
      else this.#setPendings(this.pendings.map((known) => (known.key === pending.key ? { ...known, error } : known)));
    } catch (error) {
      this.dismiss(pending.key);
      throw error;
    }
  }

  /** Puts away a command that failed, or an ephemeral message. */
  dismiss(key: string): void {
    this.dismissed.add(key);
    this.#setPendings(this.pendings.filter((pending) => pending.key !== key));
  }

  /** Uses a component of a message. */
  async use(message: Message, customId: string, values?: string[]): Promise<void> {
    this.#setUsed(message.id, { customId, error: null });
    try {
      const body = { message: message.id, customId, wait: false, ...(values === undefined ? {} : { values }) };
      const { error } = await this.act('press', body);
      if (error === undefined) this.#setUsed(message.id, null);
      else this.#setUsed(message.id, { customId, error });
    } catch (error) {
      this.#setUsed(message.id, { customId, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The pending commands of the member where it is. */
  pendingHere(): PendingCommand[] {
    const { userId, place } = this.session;
    return this.pendings.filter((pending) => pending.user === userId && pending.place === place);
  }

  /** A command whose answer arrived is no longer on its way. */
  #settle(): void {
    for (const pending of this.pendings) {
      const { user, place, name, since, error } = pending;
      const channel = place === DM ? this.session.dm(user)?.id : place;
      const answered = this.session.mirror
        .arrivals(channel ?? '')
        .some(
          ({ id, interaction }) =>
            interaction?.user_id === user && interaction.name === name && compareIds(id, since) > 0 && error === null,
        );
      if (answered) this.pendings = this.pendings.filter((known) => known !== pending);
    }
  }

  #setPendings(pendings: PendingCommand[]): void {
    this.pendings = pendings;
    this.session.mirror.tell('messages');
  }

  #setUsed(messageId: string, state: { customId: string; error: string | null } | null): void {
    if (state === null) this.used.delete(messageId);
    else this.used.set(messageId, state);
    this.session.mirror.tell('messages');
  }
}
