import type { CommunityEvent } from './events.ts';
import type { GuildEvent, GuildEventKind } from './guild-events.ts';
import type { Deferral } from './interactions.ts';
import { rivalry } from './rivals.ts';
import type { RunEnd } from './runs.ts';
import type { ScheduleIntake } from './schedules.ts';

/** An interaction as flows meet it: plain JSON, ids as strings, never the token. */
export interface Interaction {
  id: string;
  community: string;
  kind: 'command' | 'button' | 'select' | 'modal' | 'autocomplete';
  /** `request ai-credit` for a command; the name before the colon of a custom_id otherwise. */
  path: string;
  /** What a custom_id carries after the colon. */
  argument: string;
  /** Options of a command, fields of a modal, by name. */
  options: Record<string, unknown>;
  /** The option that a member is typing into, while suggestions are wanted. */
  focused: { option: string; value: string; isNumber: boolean } | null;
  /** Values chosen in a select: its own texts, or ids. */
  values: string[];
  /** The same with what each is called. */
  chosen: Chosen[];
  locale: string;
  channel: string | null;
  /** The message that a button sits on. */
  message: { id: string; channel: string } | null;
  /** Files that options name, by id. */
  attachments: Record<string, InteractionFile>;
  user: InteractionUser;
  /** The member's role ids, as Discord gave them with this interaction. */
  roles: string[];
  /** Users that options name, by id. */
  users: Record<string, InteractionUser>;
}

/** One thing chosen in a select. */
export interface Chosen {
  /** The value of a text; the id of everything else. */
  id: string;
  name: string;
  kind: 'text' | 'member' | 'role' | 'channel';
}

/** A file that somebody gave to a command; Discord serves it for a while. */
export interface InteractionFile {
  id: string;
  name: string;
  url: string;
  size: number;
  type: string | null;
}

export interface InteractionUser {
  id: string;
  username: string;
  displayName: string;
  discriminator: string | null;
  avatar: string | null;
  bot: boolean;
}

/** A node that takes interactions. */
export interface InteractionIntake {
  /** The node, with what it is called in sentences: where two want the same, the one with the lower id has it. */
  node: { id: string; name: string };
  community: string;
  kinds: Interaction['kind'][];
  /** The paths it takes. */
  paths: string[];
  deferral: Deferral;
  /** The command that it declares, for the set that is registered with Discord. */
  command?: DeclaredCommand;
  /** Told with each change which intakes want the same, in sentences; none when all is well. */
  contested(sentences: string[]): void;
  /**
   * Sends one into its flow, and settles when all of that is done.
   * @param kept whether it is a new one that was written down; nothing is sent before, or where it is none
   */
  take(interaction: Interaction, kept: Promise<boolean>): Promise<RunEnd>;
}

export interface DeclaredCommand {
  path: string;
  description: string;
  options: object[];
  /** In other languages: a word for each of the path's, and the description; either may be missing. */
  localizations?: { language: string; words: string[]; description: string }[];
}

/** A node that takes events. */
export interface EventIntake {
  community: string;
  types: string[];
  /** Only events about this. */
  subject?: string;
  take(event: CommunityEvent): Promise<RunEnd>;
}

/** A node that takes what happens in a guild. */
export interface GuildEventIntake {
  community: string;
  kind: GuildEventKind;
  /** Whether it is one that the node wants. */
  accepts(event: GuildEvent): boolean | Promise<boolean>;
  take(event: GuildEvent): Promise<RunEnd>;
}

/** The intakes that the deployed flows have. */
export interface Intakes {
  /** A community whose settings a flow holds; `ready` settles once they are stored. */
  addCommunity(id: string, ready: Promise<unknown>): () => void;
  addInteraction(intake: InteractionIntake): () => void;
  addEvent(intake: EventIntake): () => void;
  addSchedule(intake: ScheduleIntake): () => void;
  addGuildEvent(intake: GuildEventIntake): () => void;
  interaction(community: string, kind: Interaction['kind'], path: string): InteractionIntake | null;
  events(event: Pick<CommunityEvent, 'community' | 'type' | 'subject'>): EventIntake[];
  schedules(): ScheduleIntake[];
  guildEvents(community: string, kind: GuildEventKind): GuildEventIntake[];
  /** The declared commands that can be registered together, with a sentence for each two that cannot. */
  commands(community: string): { declared: DeclaredCommand[]; problems: string[] };
  communities(): string[];
  /** Settles once every community's settings are stored. */
  ready(): Promise<unknown>;
}

export function createIntakes(): Intakes {
  /** By node id, so that the same one of two rivals comes first in whichever order a deploy adds them. */
  const interactions: InteractionIntake[] = [];
  const events = new Set<EventIntake>();
  const guildEvents = new Set<GuildEventIntake>();
  const schedules = new Set<ScheduleIntake>();
  const communities = new Set<{ id: string; ready: Promise<unknown> }>();
  const addTo =
    <T>(set: Set<T>) =>
    (intake: T) => {
      set.add(intake);
      return () => void set.delete(intake);
    };
  /** What stands between an intake and others, with these. */
  const rivalsOf = (intake: InteractionIntake) =>
    interactions.flatMap((other) => {
      if (other === intake) return [];
      const [first, second] = inOrder(intake, other) < 0 ? [intake, other] : [other, intake];
      const sentence = rivalry(first, second);
      return sentence ? [{ other, sentence }] : [];
    });
  const tellOf = (intake: InteractionIntake): void =>
    intake.contested(rivalsOf(intake).map(({ sentence }) => sentence));
  return {
    addCommunity: (id, ready) => addTo(communities)({ id, ready }),
    addInteraction: (intake) => {
      interactions.push(intake);
      interactions.sort(inOrder);
      const rivals = rivalsOf(intake);
      for (const one of rivals.length > 0 ? [intake, ...rivals.map(({ other }) => other)] : []) tellOf(one);
      return () => {
        const freed = rivalsOf(intake);
        interactions.splice(interactions.indexOf(intake), 1);
        for (const { other } of freed) tellOf(other);
      };
    },
    addEvent: addTo(events),
    addSchedule: addTo(schedules),
    addGuildEvent: addTo(guildEvents),
    interaction: (community, kind, path) =>
      interactions.find(
        (intake) => intake.community === community && intake.kinds.includes(kind) && intake.paths.includes(path),
      ) ?? null,
    events: ({ community, type, subject }) =>
      [...events].filter(
        (intake) =>
          intake.community === community &&
          intake.types.includes(type) &&
          (intake.subject === undefined || intake.subject === subject),
      ),
    schedules: () => [...schedules],
    guildEvents: (community, kind) =>
      [...guildEvents].filter((intake) => intake.community === community && intake.kind === kind),
    commands: (community) => {
      const kept: (InteractionIntake & { command: DeclaredCommand })[] = [];
      const problems: string[] = [];
      for (const intake of interactions) {
        const { command } = intake;
        if (!command || intake.community !== community) continue;
        const lost = kept.flatMap((first) => rivalry(first, intake) ?? []);
        if (lost.length === 0) kept.push({ ...intake, command });
        problems.push(...lost);
      }
      return { declared: kept.map(({ command }) => command), problems };
    },
    communities: () => [...new Set([...communities].map(({ id }) => id))],
    ready: () => Promise.allSettled([...communities].map(({ ready }) => ready)),
  };
}

const inOrder = (one: InteractionIntake, other: InteractionIntake): number => (one.node.id < other.node.id ? -1 : 1);
