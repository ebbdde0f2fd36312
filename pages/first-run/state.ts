import type { Finding } from '../../platform/doctor/finding.ts';

/** Something that flows call by a name or an id, and what the chosen server has for it. */
export interface FlowName {
  name: string;
  /** What people call it where the flows run now: an id alone says nothing. */
  label: string;
  /** The nodes that name it. */
  nodes: string[];
  /** The id of the server's own; empty while there is none. */
  id: string;
  /** False where the flows do without it. */
  needed: boolean;
}

/** The bot that is being set up, as far as it is. */
export interface Candidate {
  bot: { name: string; avatar: string | null; tokenEnd: string; application: string; applicationId: string } | null;
  clientSecretEnd: string;
  publicKey: string;
  guild: { id: string; name: string } | null;
  guilds: { id: string; name: string }[];
  invite: { link: string; permissions: string } | null;
  /** Discord's page of this application, where its settings are; empty for a sandbox. */
  portal: string;
  channels: { id: string; name: string; category: string }[];
  roles: { id: string; name: string }[];
  names: { channels: FlowName[]; roles: FlowName[] };
  testedChannel: string;
  findings: Finding[];
}

/** All that the page shows. No secret is in it but its last characters. */
export interface FirstRunState extends Candidate {
  /** Another after each start. */
  boot: string;
  mode: 'demo' | 'live' | 'environment';
  /** False where a person has to start it again. */
  canRestart: boolean;
  /** True where the database is one that the environment names: it holds the demo. */
  databaseUrl: boolean;
  /** Why the last start of the live server failed. */
  failure: string;
  /** What the running bot is, and what is wrong with it. */
  running: { application: string; guild: string; ready: boolean; problems: string[] };
  /** True where what was saved is not what runs. */
  restartNeeded: boolean;
}
