import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** Node-RED's own (`@node-red/runtime/lib/nodes/credentials.js`, encryptCredentials). */
const ALGORITHM = 'aes-256-ctr';

/**
 * No credentials, as Node-RED would have saved them: it takes the lack of encrypted ones for a loss and warns of it at
 * every start.
 * @param secret Node-RED's setting `credentialSecret`
 */
export function noCredentials(secret: string): { $: string } {
  const key = createHash('sha256').update(secret).digest();
  const start = randomBytes(16);
  const cipher = createCipheriv(ALGORITHM, key, start);
  return { $: start.toString('hex') + cipher.update('{}', 'utf8', 'base64') + cipher.final('base64') };
}
