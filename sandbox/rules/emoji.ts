import { refusal } from '../api/errors.ts';

/** How many different emojis a message's reactions may have. */
export const REACTIONS_CAP = 20;

/** An emoji as Discord keeps it; 10014 for what is none, and for a guild's own, which no guild here has. */
export function checkEmoji(text: string): string {
  const plain = text.replace(/\uFE0F/gu, '');
  const shown = [text, plain, `${plain}\uFE0F`].some((form) => /^\p{RGI_Emoji}$/v.test(form));
  if (!shown && !/^\p{Extended_Pictographic}$/u.test(plain)) throw refusal(10014);
  return text;
}
