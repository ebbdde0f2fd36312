import { commandWords } from '../../command-name.ts';
import { make } from '../dom.ts';
import type { Settings } from '../table.ts';

/** A command as a member types it: required options first, as Discord offers them. */
export function commandPreview({ command, description, options }: Settings): HTMLElement | null {
  const words = commandWords(String(command ?? '')).join(' ');
  if (!words) return null;
  const items = (Array.isArray(options) ? (options as Settings[]) : []).filter(({ name }) => name);
  const sorted = [...items].sort((a, b) => Number(b.required === true) - Number(a.required === true));
  return make(
    'div',
    { class: 'guildhall-command' },
    make(
      'div',
      {},
      make('b', {}, `/${words}`),
      ...sorted.flatMap(({ name, required, description: says }) => [
        ' ',
        make(
          'span',
          { class: required ? 'guildhall-option' : 'guildhall-option guildhall-optional', title: String(says ?? '') },
          `${name}:`,
        ),
      ]),
    ),
    make('small', {}, String(description ?? '')),
  );
}
