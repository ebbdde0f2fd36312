import { closeSync, openSync, writeSync } from 'node:fs';

const LINES_AT_ONCE = 10_000;
const REGIONS = 50;
const COMPANIES = 5000;

/** Writes a file of any size: its header, then a line for each number from 0. */
function writeLines(path: string, header: string, count: number, lineOf: (number: number) => string): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, `${header}\n`);
    for (let at = 0; at < count; at += LINES_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(LINES_AT_ONCE, count - at) }, (_, index) => at + index);
      writeSync(file, `${numbers.map(lineOf).join('\n')}\n`);
    }
  } finally {
    closeSync(file);
  }
}

/** Players `user-0`, `user-1`, … in 50 regions and 5,000 companies. */
export function writePlayers(path: string, count: number): void {
  writeLines(
    path,
    'id,name,region,company,email',
    count,
    (number) =>
      `user-${number},"Name, the ${number}th",Region ${number % REGIONS},Company ${number % COMPANIES},user-${number}@example.com`,
  );
}

/** Score events of those players, one after the other and again from the first. */
export function writeScores(path: string, count: number, players: number): void {
  writeLines(
    path,
    'id,player,deals_closed,leads_generated,campaigns_launched,response_rate',
    count,
    (number) => `event-${number},user-${(number * 7919) % players},${number % 9},${number % 31},,0.${number % 100}`,
  );
}

/** Openings of those players, in both kinds of credit by turns. */
export function writeBalances(path: string, count: number, players: number): void {
  writeLines(
    path,
    'id,player,credit_type,amount',
    count,
    (number) => `opening-${number},user-${number % players},${number % 2 ? 'ai' : 'lead'},${number % 500}`,
  );
}
