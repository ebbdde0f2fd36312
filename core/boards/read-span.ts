import { type Refusal, refusal } from '../../platform/fault.ts';

/**
 * Reads over how many days or hours something is asked for, as it came from outside.
 * @returns the usual number where it is left out; a refusal for what is no whole number from 1 to `most`
 */
export function readSpan(unit: string, asked: unknown, usual: number, most: number): number | { refusal: Refusal } {
  if (asked === undefined || asked === null || asked === '') return usual;
  const span = Number(asked);
  if (typeof asked !== 'object' && Number.isInteger(span) && span >= 1 && span <= most) return span;
  return refusal('invalid-parameter', 400, 'Not a possible question', `${unit} is a whole number from 1 to ${most}.`);
}
