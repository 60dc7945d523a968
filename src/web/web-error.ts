/** Why something of the web cannot be had. Code decides by this, never by the message. */
export type WebProblem =
  | "bad-url"
  | "refused"
  | "no-connection"
  | "http-status"
  | "too-large"
  | "too-slow"
  | "too-many-redirects"
  | "unreadable"
  | "not-available";

/** A page, file or service of the web that cannot be had. The message is one line for the model. */
export class WebError extends Error {
  readonly kind: WebProblem;
  /** The server's status, where it answered with one that is no success. */
  readonly status: number | undefined;
  constructor(kind: WebProblem, message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.name = "WebError";
    this.kind = kind;
    this.status = options.status;
  }
}

const longestShown = 300;

/** An address for a message: shortened, and without its query, which may hold private data. */
export const shownUrl = ({ origin, pathname }: URL): string =>
  pathname.length > longestShown ? `${origin}${pathname.slice(0, longestShown)}…` : `${origin}${pathname}`;

/** The WebError among an error and its causes. */
export function webErrorIn(thrown: unknown): WebError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof WebError) return error;
  }
  return undefined;
}
