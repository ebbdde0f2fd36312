/**
 * A business "no", not a fault: shown ephemerally in Discord and as problem+json on the web (RFC 9457).
 * `detail` is one or two sentences for the person who asked.
 */
export interface Refusal {
  code: string;
  title: string;
  detail: string;
  status: number;
}

/** Makes the refusal that a rule answers with. */
export function refusal(code: string, status: number, title: string, detail: string): { refusal: Refusal } {
  return { refusal: { code, title, detail, status } };
}

/** True where a rule's answer is a refusal. */
export function isRefusal(answer: object): answer is { refusal: Refusal } {
  return 'refusal' in answer;
}

/**
 * Something went wrong. `code` is stable, so that Catch nodes can switch on it; `retry` says that the same work may
 * succeed later, so an event that met it comes again, not sooner than after so many milliseconds.
 */
export class Fault extends Error {
  override name: string = 'Fault';
  readonly code: string;
  readonly retry: boolean;
  readonly after: number;
  constructor(code: string, message: string, options: { retry?: boolean; after?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? false;
    this.after = options.after ?? 0;
  }
}

/**
 * What passes by itself, by error code: PostgreSQL's classes 08 (connection), 40 (rollback), 53 (resources) and 57P
 * (operator), its timeouts 57014, 55P03, 25P03 and 25P04, a standby's 25006 (appendix A), and the network's own codes.
 */
const PASSING =
  /^(08...|40...|53...|57P..|57014|55P03|25P03|25P04|25006|E(CONN\w+|PIPE|NOENT|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN))$/;
const PASSING_MESSAGE =
  /connection terminated|timeout exceeded when trying to connect|connection error|query read timeout/i;

/** Turns whatever was thrown into a Fault, telling a database that is away from other errors. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, message } = error as { code?: string; message?: string };
  const away = PASSING.test(code ?? '') || PASSING_MESSAGE.test(message ?? '');
  if (away) {
    return new Fault('database-away', 'The database does not answer. Work goes on by itself when it is back.', {
      retry: true,
      cause: error,
    });
  }
  return new Fault('unexpected', message ?? String(error), { cause: error });
}
