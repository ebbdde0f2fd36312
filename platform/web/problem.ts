import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Why a request is not done, for the program that sent it. */
export interface Problem {
  status: number;
  /** Stable, so that callers can go by it. */
  code: string;
  /** A sentence or two for whoever writes the calling program. */
  detail: string;
  /** Left out: the code in words. */
  title?: string;
  headers?: OutgoingHttpHeaders;
}

/** A code in words, for the title of a problem that has none of its own: “Not found”. */
export function titleOf(code: string): string {
  return `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll('-', ' ')}`;
}

/** Answers with a problem in the form of RFC 9457. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  writeProblem(response, problem);
  response.end();
}

/** The same, and leaves the answer open: its reader has it whole already. */
export function writeProblem(
  response: ServerResponse,
  { status, code, detail, title = titleOf(code), headers = {} }: Problem,
): void {
  const body = Buffer.from(JSON.stringify({ type: 'about:blank', title, status, detail, code }));
  const type = 'application/problem+json; charset=utf-8';
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': body.length }).write(body);
}
