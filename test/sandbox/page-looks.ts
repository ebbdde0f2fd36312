import type { Page } from 'playwright-core';

/** What of a page cannot be seen well. */

/** Elements that reach beyond the window's side, unless they lie in something that scrolls. */
export function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const faults = document.documentElement.scrollWidth > wide ? ['the page scrolls sideways'] : [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      if (element.closest('.hidden, .skip, .line-scroll, .tabs, pre, .column:not(.open)') !== null) continue;
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (right > wide + 1 || left < -1)) faults.push(`${element.tagName}.${element.className}`);
    }
    return faults;
  });
}

/** Visible texts whose contrast with what lies behind them is below `least`. */
export function contrasts(page: Page, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    type Colour = [number, number, number, number];
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const read = (value: string): Colour => {
      if (canvas === null) throw new Error('no canvas');
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = value;
      canvas.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const over = (top: Colour, below: Colour): Colour => {
      const mix = (index: 0 | 1 | 2) => top[index] * top[3] + below[index] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const ground = (element: Element): Colour => {
      const own = read(getComputedStyle(element).backgroundColor);
      if (own[3] >= 1) return own;
      return over(own, element.parentElement === null ? [255, 255, 255, 1] : ground(element.parentElement));
    };
    const luminance = (colour: Colour) => {
      const part = (value: number) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      };
      return 0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2]);
    };
    const faults = new Set<string>();
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== '');
      if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      if (element.closest(':disabled, .hidden, .spoiler, .emoji, option, script, title') !== null) continue;
      const behind = ground(element);
      const pair = [luminance(over(read(getComputedStyle(element).color), behind)), luminance(behind)].sort(
        (a, b) => a - b,
      );
      const contrast = ((pair[1] ?? 0) + 0.05) / ((pair[0] ?? 0) + 0.05);
      if (contrast < least)
        faults.add(
          `${element.className || element.tagName}: ${contrast.toFixed(2)}: ${element.textContent?.slice(0, 30)}`,
        );
    }
    return [...faults];
  }, least);
}
