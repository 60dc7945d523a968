import { spawn } from "node:child_process";
import { onAbort } from "../base/abort.js";
import { endGroup } from "../base/process/end-group.js";
import type { Proxies } from "../base/proxies.js";
import { ConnectionFailure, RefusedRequest, UnexpectedStatus } from "../model/http/errors.js";
import { fetchAnswer, readBody } from "../model/http/fetch.js";
import { wayTo } from "../model/http/proxy.js";
import { signedHeaders } from "./sign.js";

/** How a notification is handed over: once, until the signal is aborted. */
export type Way = {
  /** How it is called in a warning. */
  name: string;
  /** Resolves once the receiver has it; throws NotDelivered otherwise. */
  deliver(id: string, body: string, signal: AbortSignal): Promise<void>;
};

/** The receiver has it not; `mayPass`: it may have it another time. */
export class NotDelivered extends Error {
  readonly mayPass: boolean;
  constructor(problem: string, mayPass: boolean) {
    super(problem);
    this.name = "NotDelivered";
    this.mayPass = mayPass;
  }
}

export type PostOptions = { url: string; secret: string | undefined; proxies: Proxies };

/** Statuses behind which a request may succeed later; what is wrong with all others is the same the next time. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sends it to an address, which the user named, so that it may be a private one. A redirect is not followed. */
export const postTo = ({ url, secret, proxies }: PostOptions): Way => ({
  name: "NOTIFY_URL",
  async deliver(id, body, signal) {
    const headers = { "content-type": "application/json", ...signedHeaders(id, body, secret, new Date()) };
    try {
      const answer = await fetchAnswer(url, { method: "POST", headers, body, signal }, wayTo(url, proxies).proxy);
      await readBody(answer, signal);
    } catch (thrown) {
      throw failureOf(thrown);
    }
  },
});

function failureOf(thrown: unknown): NotDelivered {
  if (thrown instanceof RefusedRequest)
    return new NotDelivered(
      `it answers with status ${thrown.status}`,
      thrown.status >= 500 || passing.has(thrown.status),
    );
  if (thrown instanceof UnexpectedStatus)
    return new NotDelivered(`it answers with status ${thrown.status}, and no redirect is followed`, false);
  return new NotDelivered(
    thrown instanceof ConnectionFailure ? `no connection (${thrown.code})` : "no connection",
    true,
  );
}

export type CommandOptions = {
  command: string;
  /** Where it runs, and all that it gets to know of the environment. */
  cwd: string;
  environment: Readonly<Record<string, string>>;
};

/** Runs a command line of the user's by the shell, which reads it from standard input. It is ended with what it started. */
export const handTo = ({ command, cwd, environment }: CommandOptions): Way => ({
  name: "NOTIFY_COMMAND",
  deliver: (_id, body, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, {
        ...{ shell: true, cwd, env: environment, windowsHide: true, detached: process.platform !== "win32" },
        stdio: ["pipe", "ignore", "ignore"],
      });
      const stopListening = onAbort(signal, () => endGroup(child));
      const end = (problem: string | null): void => {
        stopListening();
        if (problem === null) resolve();
        else reject(new NotDelivered(problem, true));
      };
      child.on("error", () => end("it cannot be started"));
      child.on("exit", (code, by) => end(code === 0 ? null : `it ended with ${by ?? `exit code ${code}`}`));
      child.stdin.on("error", () => undefined);
      child.stdin.end(body);
    }),
});
