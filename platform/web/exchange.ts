import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault, type Refusal } from '../fault.ts';
import type { Begun, RunEnd } from '../runs.ts';
import { etagOf, hasAlready } from './etag.ts';
import type { PublicAnswer } from './kept-answers.ts';
import { type Problem, sendProblem } from './problem.ts';

/** A request that passed its guard, and its one answer. */
export interface Exchange {
  /** Such as `PUT /api/players/:id`. */
  readonly route: string;
  readonly scopes: string[];
  /** What the caller's key is called; null: without one. */
  readonly keyName: string | null;
  /** What began this; the same for a request that comes again with its `Idempotency-Key`. */
  readonly source: string;
  /** The run that holds it until its guard has sent it on. */
  readonly begun: Begun;
  /**
   * Answers with a value as JSON.
   * @param topic what it shows, where the same answer is to serve others until that changes
   * @throws Fault where it was answered before, or the value cannot be written so
   */
  answer(status: number, value: unknown, topic?: string | null): void;
  /** Answers with a business “no”. @throws Fault where it was answered before */
  refuse(refusal: Refusal): void;
}

interface Given {
  request: IncomingMessage;
  response: ServerResponse;
  route: string;
  scopes: string[];
  keyName: string | null;
  source: string;
  begun: Begun;
  /** Everybody may ask, and gets the same. */
  isPublic: boolean;
  /** Takes an answer that may serve others. */
  keep(topic: string, answer: PublicAnswer): void;
  /** Called when the answer is on its way. */
  answered(): void;
}

const JSON_TYPE = 'application/json; charset=utf-8';
/** What passes by itself is worth another try then. */
const RETRY_SECONDS = 5;
const WITHOUT_BODY = new Set([204, 205, 304]);

export function createExchange({ request, response, isPublic, keep, answered, ...known }: Given): Exchange {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  /** @returns false where nobody is there to hear it any more */
  const begin = (): boolean => {
    if (response.headersSent) throw new Fault('answered-already', 'This request has its answer: a request gets one.');
    answered();
    return !response.destroyed;
  };
  return {
    ...known,
    answer: (status, value, topic = null) => {
      const body = bytesOf(value);
      if (!begin()) return;
      if (WITHOUT_BODY.has(status)) return void response.writeHead(status).end();
      if (isPublic && isRead && status === 200) {
        const etag = etagOf(body);
        if (topic !== null) keep(topic, { status, type: JSON_TYPE, body, etag });
        // Browsers may keep it, and ask each time whether it still is so.
        response.setHeader('Cache-Control', 'no-cache');
        response.setHeader('ETag', etag);
        if (hasAlready(request.headers['if-none-match'], etag)) return void response.writeHead(304).end();
      }
      response.writeHead(status, { 'Content-Type': JSON_TYPE, 'Content-Length': body.length }).end(body);
    },
    refuse: ({ status, ...refusal }) => {
      const headers = status === 503 ? { 'Retry-After': RETRY_SECONDS } : {};
      if (begin()) sendProblem(response, { ...refusal, headers, status: status >= 400 && status < 600 ? status : 400 });
    },
  };
}

function bytesOf(value: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(value) ?? 'null');
  } catch (error) {
    throw new Fault('answer-unfit', `This cannot be written as JSON: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Answers in the place of a flow that gave no answer: no caller is left waiting.
 * @returns false where the flow gave one, or the caller is gone
 */
export function standIn(response: ServerResponse, end: RunEnd, reference: string): boolean {
  if (response.headersSent || response.destroyed) return false;
  sendProblem(response, problemOf(end, reference));
  return true;
}

function problemOf({ fault, cutOff }: RunEnd, reference: string): Problem {
  if (cutOff) return passing('flows-changed');
  if (fault) return fault.retry ? passing(fault.code) : broken(fault.code, reference);
  return { status: 500, code: 'no-answer', detail: 'The flow ended without an answer.' };
}

/** It may work in a moment. */
export const passing = (code: string): Problem => ({
  status: 503,
  code,
  detail: 'This cannot be done at the moment. Try again in a few seconds.',
  headers: { 'Retry-After': RETRY_SECONDS },
});

/** What went wrong is for the log alone. */
export const broken = (code: string, reference: string): Problem => ({
  status: 500,
  code,
  detail: `This went wrong. An admin finds it in the log under ${reference}.`,
});
