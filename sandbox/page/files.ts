import { Refused, type SentFile } from './actions.ts';
import { bytes } from './attachments.ts';
import { text } from './texts.ts';

/** The most that members without Nitro can upload. */
const MOST_BYTES = 10 * 1024 * 1024;

/** A file as the control API takes it. @throws Refused when it is too large */
export async function sentFile(file: File): Promise<SentFile> {
  if (file.size > MOST_BYTES) throw new Refused(text('file.too-large', { name: file.name, most: bytes(MOST_BYTES) }));
  const address = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Refused(text('file.unreadable', { name: file.name })));
    reader.readAsDataURL(file);
  });
  const content = address.slice(address.indexOf(',') + 1);
  return { name: file.name, type: file.type || 'application/octet-stream', content };
}
