/**
 * One muted colour for each area. Node-RED writes dark labels and white icons on them in both of its themes, so each
 * lies in the middle: dark text has a contrast of 4.5 on it.
 */
export const COLOURS = {
  intakes: '#8CA0D4',
  answers: '#6DB1A5',
  people: '#C196BF',
  credits: '#CCA35C',
  web: '#8FB56A',
  boards: '#D99A7A',
} as const;
