type Translate = (key: string, values?: Record<string, string | number>) => string;

let translate: Translate = (key) => key;

/** Takes the texts that Node-RED gave to the plugin. */
export function useTexts(of: Translate): void {
  translate = of;
}

/** A text of the tab in the editor's language. */
export const text: Translate = (key, values) => translate(key, values);

const whole = new Intl.NumberFormat();
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** `12 ms`, `1.4 s`: short enough for a narrow column. */
export function duration(milliseconds: number): string {
  if (milliseconds < 10) return text('units.ms', { value: tenths.format(milliseconds) });
  if (milliseconds < 1000) return text('units.ms', { value: whole.format(Math.round(milliseconds)) });
  return text('units.s', { value: tenths.format(milliseconds / 1000) });
}

/** A number in the reader's own writing: `10,000`. */
export const number = (value: number): string => whole.format(value);

/** The time of day. */
export const timeOfDay = (at: number): string => new Date(at).toLocaleTimeString();
