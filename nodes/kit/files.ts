import type { FileUpload } from '../../platform/discord/index.ts';
import { LIMITS } from '../../platform/discord/limits.ts';
import { cleanText } from '../../platform/discord/text.ts';
import { Fault } from '../../platform/fault.ts';
import type { Message } from './index.ts';
import { valueAt } from './path.ts';
import { fileName } from './web-address.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * The files that stand in a message under a path: a Buffer, or `{name, data, description}` with a Buffer or a text as
 * data, or a list of these. A Buffer alone is named as `msg.filename` says, as after Node-RED's own file node.
 * @returns what a message body has of them
 * @throws Fault `file-unfit` or `file-too-large`, with what to do
 */
export function filesAt(msg: Message, path: string): { files: FileUpload[]; attachments: object[] } | null {
  const value = path === '' ? undefined : valueAt(msg, path);
  const given = (Array.isArray(value) ? value : [value]).filter((file) => file !== undefined && file !== null);
  if (given.length === 0) return null;
  if (given.length > LIMITS.files) {
    throw new Fault('file-unfit', `msg.${path} holds ${given.length} files; Discord takes up to ${LIMITS.files}.`);
  }
  const names = new Set<string>();
  const files = given.map((file) => {
    const { name, data, description } = readFile(file, msg, path);
    return { name: uniqueName(fileName(name), names), data, description };
  });
  const sizes = files.map(({ data }) => data.length);
  const tooLarge = files.find(({ data }) => data.length > LIMITS.fileSize);
  if (tooLarge) {
    const size = (tooLarge.data.length / MEBIBYTE).toFixed(1);
    throw new Fault('file-too-large', `The file ${tooLarge.name} has ${size} MiB; Discord takes up to 10 MiB.`);
  }
  if (sizes.reduce((sum, size) => sum + size, 0) > LIMITS.requestSize) {
    throw new Fault('file-too-large', 'The files have more than 25 MiB together. Send them with several messages.');
  }
  return {
    files: files.map(({ name, data }) => ({ name, data })),
    attachments: files.map(({ name, description }, id) => ({
      id: String(id),
      filename: name,
      ...(description && { description }),
    })),
  };
}

function readFile(file: unknown, msg: Message, path: string): { name: string; data: Buffer; description: string } {
  if (Buffer.isBuffer(file)) {
    const from = typeof msg.filename === 'string' ? msg.filename.split(/[/\\]/).at(-1) : '';
    return { name: from || 'file', data: file, description: '' };
  }
  const { name, data, description } = file as Record<string, unknown>;
  if (typeof name === 'string' && name !== '' && (Buffer.isBuffer(data) || typeof data === 'string')) {
    const said = typeof description === 'string' && description !== '' ? cleanText(description) : '';
    return { name, data: Buffer.from(data as string), description: said };
  }
  throw new Fault(
    'file-unfit',
    `msg.${path} holds no file: a file is a Buffer, or {name, data} with a Buffer or text.`,
  );
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let number = 2; taken.has(unique); number += 1) unique = `${number}-${name}`;
  taken.add(unique);
  return unique;
}
