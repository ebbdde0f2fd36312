import { Fault } from '../../platform/fault.ts';

/**
 * A web address that Discord takes.
 * @param what it is for, to say what is wrong
 * @throws Fault `address-unfit`
 */
export function webAddress(text: string, what: string): string {
  const address = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (address?.protocol === 'https:' || address?.protocol === 'http:') return address.href;
  throw new Fault('address-unfit', `The ${what} is no web address: it has to begin with https://.`);
}

/** As `webAddress`; a file that is sent along is meant by `attachment://` and its name. */
export function imageAddress(text: string, what: string): string {
  const attached = /^attachment:\/\/(.+)$/u.exec(text.trim())?.[1];
  return attached ? `attachment://${fileName(attached)}` : webAddress(text, what);
}

const LONGEST_NAME = 100;

/** A file's name as Discord keeps it: letters, digits, `.`, `_` and `-`. */
export function fileName(name: string): string {
  const kept = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^\.+/u, '');
  const extension = /\.[^.]{1,16}$/u.exec(kept)?.[0] ?? '';
  const stem = kept.slice(0, kept.length - extension.length).slice(0, LONGEST_NAME - extension.length);
  return `${stem}${extension}` || 'file';
}
