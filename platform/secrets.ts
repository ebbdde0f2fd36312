import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from './fault.ts';

export interface EncryptionKey {
  name: string;
  key: Buffer;
}

/** Encrypts what is stored for a while and must not be read from a copy of the database. */
export interface Secrets {
  /**
   * AES-256-GCM with a random nonce.
   * @param purpose table, row and column (`interactions:123:token`): a value moved to another row does not open
   */
  encrypt(text: string, purpose: string): string;
  /** @throws Fault `secret-unreadable` for an unknown key, another purpose or a changed value */
  decrypt(cipher: string, purpose: string): string;
}

/** @param keys the first one writes, all of them read */
export function createSecrets(keys: EncryptionKey[]): Secrets {
  const known = keys.map(({ name, key }) => ({ name, key: createSecretKey(key) }));
  const [writing] = known;
  if (!writing) throw new Error('no encryption key');
  return {
    encrypt: (text, purpose) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', writing.key, nonce).setAAD(Buffer.from(purpose));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${writing.name}:${sealed.toString('base64')}`;
    },
    decrypt: (value, purpose) => {
      const separator = value.indexOf(':');
      const key = known.find(({ name }) => name === value.slice(0, separator));
      const sealed = Buffer.from(value.slice(separator + 1), 'base64');
      try {
        if (!key || sealed.length < 28) throw new Error('unknown key or too short');
        const decipher = createDecipheriv('aes-256-gcm', key.key, sealed.subarray(0, 12))
          .setAAD(Buffer.from(purpose))
          .setAuthTag(sealed.subarray(-16));
        return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
      } catch {
        throw new Fault('secret-unreadable', 'A stored secret cannot be read with the keys that are set.');
      }
    },
  };
}

/**
 * A random secret that is made at the first start and kept in a file only its owner can read.
 * @param file its path
 * @param bytes how many random bytes
 * @returns the secret in base64url
 */
export function keptSecret(file: string, bytes: number): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, randomBytes(bytes).toString('base64url'), { mode: 0o600, flush: true });
    try {
      // Whole or not at all, and whoever comes first wins.
      linkSync(unfinished, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (Buffer.from(secret, 'base64url').length >= bytes) return secret;
  throw new Error(`The secret in ${file} is cut short. Restore it from a backup; without one remove the file.`);
}
