import { iconButton } from './dom.ts';
import { type TextKey, text } from './texts.ts';

const KEY = 'guildhall-sandbox-theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const NAMES: Record<Theme, TextKey> = { auto: 'theme.auto', light: 'theme.light', dark: 'theme.dark' };

/** A button that goes through light, dark, and as the system has it. */
export function themeButton(): HTMLButtonElement {
  const kept = localStorage.getItem(KEY);
  let theme: Theme = THEMES.find((known) => known === kept) ?? 'auto';
  const button = iconButton('theme', '');
  const apply = () => {
    document.documentElement.style.colorScheme = theme === 'auto' ? 'light dark' : theme;
    const label = text(NAMES[theme]);
    button.setAttribute('aria-label', label);
    button.title = label;
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    localStorage.setItem(KEY, theme);
    apply();
  });
  apply();
  return button;
}
