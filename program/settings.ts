import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Configuration } from '../platform/configuration.ts';
import { keptSecret } from '../platform/secrets.ts';
import type { Platform } from '../platform/start.ts';
import { MOST_BYTES } from '../platform/web/body.ts';
import { deployErrorsInWords } from './deploy-errors.ts';
import { guardFlowPaths } from './flow-paths.ts';
import type { FlowStorage } from './flow-storage.ts';

export const EDITOR_USER = 'admin';

/** Core nodes that reach the machine itself. Whoever edits flows owns the machine; this stops accidents. */
const LEFT_OUT_NODES = ['90-exec.js', '31-tcpin.js', '32-udp.js', '10-file.js', '23-watch.js'];

/** The editor's password: the one that was chosen, or one that is made at the first start and kept. */
export function editorPassword(configuration: Configuration): string {
  return configuration.editor.password ?? keptSecret(join(configuration.dataFolder, 'secrets', 'editor-password'), 12);
}

/**
 * Node-RED's settings, the same for the start program and for the plain `node-red` command.
 * @param packageRoot the folder with `package.json`, which lists the nodes
 */
export function nodeRedSettings(
  configuration: Configuration,
  packageRoot: string,
  storageModule: FlowStorage,
  platform: () => Platform,
) {
  const { dataFolder, editor } = configuration;
  return {
    uiHost: configuration.host,
    uiPort: configuration.port,
    userDir: join(dataFolder, 'node-red'),
    // Named after the host otherwise, and then lost with it.
    flowFile: 'flows.json',
    nodesDir: [packageRoot],
    nodesExcludes: LEFT_OUT_NODES,
    storageModule,
    credentialSecret: keptSecret(join(dataFolder, 'secrets', 'credential-secret'), 32),
    httpAdminRoot: editor.enabled ? '/editor' : (false as const),
    httpAdminMiddleware: [deployErrorsInWords],
    httpNodeRoot: '/',
    httpNodeMiddleware: guardFlowPaths(platform),
    // Guards read bodies, with limits of their own: up to this one.
    apiMaxLength: MOST_BYTES,
    adminAuth: passwordSignIn(configuration),
    // Only the node kit calls this; flows cannot reach it.
    guildhall: platform,
    functionExternalModules: false,
    globalFunctionTimeout: 5,
    functionGlobalContext: {},
    exportGlobalContextKeys: false,
    externalModules: {
      palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
      modules: { allowInstall: false },
    },
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: false },
    logging: { console: { level: 'warn', metrics: false, audit: false } },
    editorTheme: {
      page: { title: 'Guildhall' },
      header: { title: 'Guildhall', url: '/' },
      tours: false,
      projects: { enabled: false },
      palette: {
        catalogues: [],
        categories: ['guildhall', 'subflows', 'common', 'function', 'network', 'sequence', 'parser', 'storage'],
      },
      codeEditor: { lib: 'monaco' },
    },
  };
}

/** One user, whose password is compared in constant time; Node-RED itself slows down whoever guesses. */
function passwordSignIn(configuration: Configuration) {
  const user = { username: EDITOR_USER, permissions: '*' };
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const right = digest(editorPassword(configuration));
  return {
    type: 'credentials',
    sessionExpiryTime: 8 * 3600,
    users: async (name: string) => (name === EDITOR_USER ? user : null),
    authenticate: async (name: string, password: string) =>
      name === EDITOR_USER && timingSafeEqual(digest(String(password)), right) ? user : null,
  };
}
