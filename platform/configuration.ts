import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readSavedSecret, readSavedSettings, savedSecretFile } from './saved-settings.ts';
import { isNetwork } from './web/client-address.ts';

/** Discord's own API; every other base is a sandbox. */
export const DISCORD_API = 'https://discord.com/api';

const DEFAULT_DATA_FOLDER = '.guildhall';

const port = z.coerce.number().int().min(0).max(65535);
const snowflake = z.string().regex(/^\d{17,20}$/, 'is not a Discord id (17 to 20 digits)');
const url = (protocols: RegExp) => z.url({ protocol: protocols, error: 'is not a valid address' });
const keyList = z.string().regex(/^[\w-]+:[A-Za-z0-9+/]{43}=(,[\w-]+:[A-Za-z0-9+/]{43}=)*$/, {
  error: 'is not a list of keys',
});

/** One row per variable: its shape, whether it is a secret, what it is for and how to mend it. */
const VARIABLES = {
  PORT: { schema: port.min(1).default(1880), fix: 'Use a port number from 1 to 65535, such as 1880.' },
  HOST: { schema: z.string().min(1).default('127.0.0.1'), fix: 'Use an address of this machine, such as 127.0.0.1.' },
  DATABASE_URL: {
    schema: url(/^postgres(ql)?$/).optional(),
    secret: true,
    fix: 'Use postgres://user:password@host:5432/database, or leave it unset for the embedded PostgreSQL.',
  },
  DISCORD_BOT_TOKEN: {
    schema: z
      .string()
      .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, 'is not a bot token (three parts joined by dots)')
      .optional(),
    secret: true,
    fix: "Copy it from the Bot page of your application in Discord's Developer Portal, or leave it unset for the sandbox.",
  },
  DISCORD_CLIENT_ID: {
    schema: snowflake.optional(),
    fix: "Copy the Application ID from your application's General Information page.",
  },
  DISCORD_GUILD_ID: {
    schema: snowflake.optional(),
    fix: 'In Discord, switch on Developer Mode, right-click your server and choose Copy Server ID.',
  },
  DISCORD_CLIENT_SECRET: {
    schema: z.string().min(1).optional(),
    secret: true,
    fix: "Copy it from the OAuth2 page of your application in Discord's Developer Portal.",
  },
  DISCORD_PUBLIC_KEY: {
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'is not a public key (64 hexadecimal digits)')
      .optional(),
    fix: "Copy the Public Key from your application's General Information page.",
  },
  DISCORD_TOKEN_ENCRYPTION_KEY: {
    schema: keyList.optional(),
    secret: true,
    fix: 'Use name:key, where key is 32 random bytes in base64 (openssl rand -base64 32); the first of several writes.',
  },
  DISCORD_API_BASE: {
    schema: url(/^https?$/).optional(),
    fix: `Leave it unset for Discord, or use a sandbox's address, such as http://127.0.0.1:1881/api.`,
  },
  SANDBOX_PORT: { schema: port.default(1881), fix: 'Use a port number from 0 to 65535, such as 1881.' },
  SANDBOX_LIMITS: { schema: z.enum(['on', 'off']).default('on'), fix: 'Use on or off.' },
  SANDBOX_SPEED: { schema: z.coerce.number().positive().max(1000).default(1), fix: 'Use a number such as 1 or 10.' },
  SANDBOX_STATE: {
    schema: z.string().min(1).optional(),
    fix: 'Use a JSON file: a saved state of the sandbox, or servers written down as docs/sandbox.md shows.',
  },
  LOG_LEVEL: {
    schema: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn'),
    fix: 'Use silent, error, warn, info or debug.',
  },
  GUILDHALL_DATA: { schema: z.string().min(1).default(DEFAULT_DATA_FOLDER), fix: 'Use a folder that can be written.' },
  GUILDHALL_FLOWS: { schema: z.string().min(1).optional(), fix: 'Use a folder for the flows, one file a tab.' },
  GUILDHALL_PUBLIC_URL: {
    schema: url(/^https?$/).optional(),
    fix: 'Use the address at which people reach this server, such as https://hall.example.com.',
  },
  GUILDHALL_TRUST_PROXY: {
    schema: z
      .string()
      .transform((list) => list.split(',').map((network) => network.trim()))
      .refine((networks) => networks.every(isNetwork), 'is not a list of addresses')
      .default([]),
    fix: 'Use the addresses or networks of your proxies, such as 10.0.0.2,172.18.0.0/16.',
  },
  GUILDHALL_EDITOR: { schema: z.enum(['on', 'off']).default('on'), fix: 'Use on or off.' },
  GUILDHALL_EDITOR_PASSWORD: {
    schema: z.string().min(12, 'is shorter than 12 characters').optional(),
    secret: true,
    fix: 'Choose at least 12 characters.',
  },
} satisfies Record<string, { schema: z.ZodType; fix: string; secret?: boolean }>;

type Name = keyof typeof VARIABLES;
type Values = { [K in Name]: z.infer<(typeof VARIABLES)[K]['schema']> };

/** All settings that come from outside, checked. */
export interface Configuration {
  port: number;
  host: string;
  dataFolder: string;
  /** The folder with the flows, one file a tab. */
  flowsFolder: string;
  /** The flows that ship with Guildhall. */
  shippedFlowsFolder: string;
  /** null: the embedded PostgreSQL. */
  databaseUrl: string | null;
  /** Where the embedded PostgreSQL lies: a server that the first-run page set up has one of its own. */
  databaseFolder: string;
  /** null: the sandbox is started and tells its own. */
  discord: DiscordSettings | null;
  /** Who named the bot. */
  discordFrom: 'environment' | 'first run' | 'sandbox';
  /** The API at which the first-run page looks for bots. */
  firstRunApiBase: string;
  /** What flows call a channel or a role of the first server → its id there. */
  names: { channels: Record<string, string>; roles: Record<string, string> };
  sandbox: { port: number; limits: 'on' | 'off'; speed: number; state: string | null };
  logLevel: string;
  publicUrl: string | null;
  /** Addresses and networks of proxies that are believed for whom they ask. */
  trustedProxies: string[];
  editor: { enabled: boolean; password: string | null };
  /** Keys for tokens at rest as `name → 32 bytes`, the first one writes; empty: one is made in the data folder. */
  encryptionKeys: { name: string; key: Buffer }[];
}

export interface DiscordSettings {
  token: string;
  applicationId: string;
  guildId: string;
  apiBase: string;
  publicKey: string | null;
  clientSecret: string | null;
}

/**
 * What a flow means by the name of a channel or a role: the id that the first run found for it in the first server, or
 * else the name itself.
 */
export function meantBy(
  { names, discord }: Pick<Configuration, 'names' | 'discord'>,
  kind: 'channels' | 'roles',
  name: string,
  guild: string,
): string {
  const known = guild === discord?.guildId && Object.hasOwn(names[kind], name) ? names[kind][name] : undefined;
  return known ?? name;
}

/** What is wrong with the environment: one sentence a problem, each naming the variable and the fix. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** True where `host` can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Reads and checks the environment. Each secret may also be given as `NAME_FILE`, a file's path.
 * @param env the environment, as `process.env`
 * @param root the folder that relative paths start from: the checkout, or else a folder of the operator's
 * @param packageRoot the folder that the package came in, with the shipped flows; the same in a checkout
 * @throws ConfigurationError with one line per problem
 */
export function readConfiguration(
  env: Record<string, string | undefined>,
  root: string,
  packageRoot: string = root,
): Configuration {
  const problems: string[] = [];
  const saved = readFirstRun(env, resolve(root, env.GUILDHALL_DATA || DEFAULT_DATA_FOLDER), problems);
  const values = readVariables({ ...saved?.variables, ...withoutEmpty(env) }, problems);
  checkTogether(values, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const shippedFlowsFolder = resolve(packageRoot, 'flows');
  const dataFolder = resolve(root, values.GUILDHALL_DATA);
  // The next version of an installed package replaces its folder with all that is in it.
  const usualFlowsFolder = root === packageRoot ? shippedFlowsFolder : resolve(dataFolder, 'flows');
  const apiAddress = (values.DISCORD_API_BASE ?? DISCORD_API).replace(/\/+$/, '');
  // Who names a sandbox by the address that it has in a browser means its API.
  const apiBase = new URL(apiAddress).pathname === '/' ? `${apiAddress}/api` : apiAddress;
  return {
    port: values.PORT,
    host: values.HOST,
    dataFolder,
    flowsFolder: values.GUILDHALL_FLOWS ? resolve(root, values.GUILDHALL_FLOWS) : usualFlowsFolder,
    shippedFlowsFolder,
    databaseUrl: values.DATABASE_URL ?? null,
    databaseFolder: join(dataFolder, ...(saved ? ['live'] : []), 'postgres'),
    discordFrom: saved ? 'first run' : values.DISCORD_BOT_TOKEN ? 'environment' : 'sandbox',
    firstRunApiBase: apiBase,
    names: saved?.names ?? { channels: {}, roles: {} },
    discord:
      values.DISCORD_BOT_TOKEN && values.DISCORD_CLIENT_ID && values.DISCORD_GUILD_ID
        ? {
            token: values.DISCORD_BOT_TOKEN,
            applicationId: values.DISCORD_CLIENT_ID,
            guildId: values.DISCORD_GUILD_ID,
            apiBase,
            publicKey: values.DISCORD_PUBLIC_KEY ?? null,
            clientSecret: values.DISCORD_CLIENT_SECRET ?? null,
          }
        : null,
    sandbox: {
      port: values.SANDBOX_PORT,
      limits: values.SANDBOX_LIMITS,
      speed: values.SANDBOX_SPEED,
      state: values.SANDBOX_STATE ?? null,
    },
    logLevel: values.LOG_LEVEL,
    publicUrl: values.GUILDHALL_PUBLIC_URL ?? null,
    trustedProxies: values.GUILDHALL_TRUST_PROXY,
    editor: { enabled: values.GUILDHALL_EDITOR === 'on', password: values.GUILDHALL_EDITOR_PASSWORD ?? null },
    encryptionKeys: (values.DISCORD_TOKEN_ENCRYPTION_KEY ?? '')
      .split(',')
      .filter(Boolean)
      .map((entry) => {
        const [name = '', key = ''] = entry.split(':');
        return { name, key: Buffer.from(key, 'base64') };
      }),
  };
}

/** The names of all variables that hold secrets, so that the start can take them out of the environment. */
export const SECRET_VARIABLES: string[] = Object.entries(VARIABLES)
  .filter(([, variable]) => 'secret' in variable)
  .map(([name]) => name);

/**
 * What the first-run page saved, as variables of the lowest priority: nothing while the demo runs, and nothing where the
 * environment names a bot, as its values belong together.
 */
function readFirstRun(env: Record<string, string | undefined>, dataFolder: string, problems: string[]) {
  if (env.DISCORD_BOT_TOKEN || env.DISCORD_BOT_TOKEN_FILE) return null;
  try {
    const { live, applicationId, guildId, publicKey, apiBase, channels, roles } = readSavedSettings(dataFolder);
    if (!live) return null;
    const secret = readSavedSecret(dataFolder, 'clientSecret') && savedSecretFile(dataFolder, 'clientSecret');
    const variables: Record<string, string | undefined> = {
      DISCORD_BOT_TOKEN_FILE: savedSecretFile(dataFolder, 'token'),
      DISCORD_CLIENT_ID: applicationId,
      DISCORD_GUILD_ID: guildId,
      DISCORD_PUBLIC_KEY: publicKey,
      DISCORD_API_BASE: apiBase,
      ...(secret && !env.DISCORD_CLIENT_SECRET && { DISCORD_CLIENT_SECRET_FILE: secret }),
    };
    return { variables, names: { channels, roles } };
  } catch (error) {
    problems.push((error as Error).message);
    return null;
  }
}

/** An empty value means "not set", as shells and compose files write it. */
function withoutEmpty(env: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value));
}

function readVariables(env: Record<string, string | undefined>, problems: string[]): Values {
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const given = 'secret' in variable ? readSecret(env, name, problems) : env[name];
    const parsed = variable.schema.safeParse(given || undefined);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} ${firstIssue(parsed.error)}. ${variable.fix}`);
  }
  return values as Values;
}

function readSecret(env: Record<string, string | undefined>, name: string, problems: string[]): string | undefined {
  const file = env[`${name}_FILE`];
  if (!file) return env[name];
  if (env[name]) {
    problems.push(`${name} and ${name}_FILE are both set. Keep one of them.`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    problems.push(`${name}_FILE names a file that cannot be read (${reason}). Mend the path or its permissions.`);
    return undefined;
  }
}

function firstIssue(error: z.ZodError): string {
  const message = error.issues[0]?.message ?? 'is not valid';
  return /^(is|names)\b/.test(message) ? message : `is not valid (${message})`;
}

function checkTogether(values: Values, problems: string[]): void {
  const already = new Set(problems.map((problem) => problem.split(' ', 1)[0]));
  const missing = (name: Name, because: string) => {
    if (!values[name] && !already.has(name)) problems.push(`${name} is missing: ${because}. ${VARIABLES[name].fix}`);
  };
  if (values.DISCORD_BOT_TOKEN) {
    missing('DISCORD_CLIENT_ID', 'DISCORD_BOT_TOKEN is set');
    missing('DISCORD_GUILD_ID', 'DISCORD_BOT_TOKEN is set');
  } else {
    for (const name of ['DISCORD_CLIENT_ID', 'DISCORD_GUILD_ID'] as const) {
      if (values[name]) {
        missing('DISCORD_BOT_TOKEN', `${name} is set`);
        break;
      }
    }
  }
  if (values.HOST && !isLoopback(values.HOST) && values.GUILDHALL_EDITOR !== 'off') {
    missing('GUILDHALL_EDITOR_PASSWORD', `HOST is ${values.HOST}, which other machines can reach`);
  }
}
