import { existsSync } from "node:fs";
import { cleanLine } from "../../base/text.js";
import { codeOf } from "../../base/system-error.js";
import type { ServerConfig } from "../config.js";
import { LoginNeeded } from "../oauth/kept-login.js";
import { reasonWithCause } from "./reason.js";
import { commandLine } from "../../base/process/command-line.js";

/** Why a server could not be connected to, and what to do, in a sentence. `lacking`: as `loginAdvice` has it. */
export function startProblem(config: ServerConfig, thrown: unknown, lacking: string | null): string {
  const what = `the MCP server ${config.name}`;
  if (config.kind === "stdio") {
    if (codeOf(thrown) === "ENOENT" && !existsSync(config.cwd))
      return `${what} cannot be started: its folder ${config.cwd} does not exist.`;
    if (codeOf(thrown) === "ENOENT") return `${what} cannot be started: there is no program ${config.command}.`;
    if (codeOf(thrown) === "EACCES") return `${what} cannot be started: ${config.command} may not be run.`;
    if (codeOf(thrown) === "REQUEST_TIMEOUT") return `${what} was started, and did not answer in time.`;
    return `${what} was started, and could not be used: ${reasonWithCause(thrown)}.`;
  }
  if (isAboutLogin(thrown)) return `${what} ${loginAdvice(config, lacking)}`;
  return `${what} cannot be reached at ${new URL(config.url).host}: ${reasonWithCause(thrown)}.`;
}

/** The last words of a program, to be put behind a sentence. */
export const quoted = (words: string): string => (words === "" ? "" : ` It said: ${words.slice(-500)}`);

/** Why a server that is connected does not say which tools it has, in sentences. */
export function listProblem(
  config: ServerConfig,
  thrown: unknown,
  way: { lastWords(): string; lacking(): string | null },
): string {
  if (isAboutLogin(thrown)) return `the MCP server ${config.name} ${loginAdvice(config, way.lacking())}`;
  return `the MCP server ${config.name} does not say which tools it has: ${reasonWithCause(thrown)}.${quoted(way.lastWords())}`;
}

/** The HTTP status that an error is about; null where there is none. */
export function statusOf(thrown: unknown): number | null {
  if (typeof thrown !== "object" || thrown === null) return null;
  const { status, data } = thrown as { status?: unknown; data?: { status?: unknown } };
  const found = status ?? data?.status;
  return typeof found === "number" ? found : null;
}

/** A key of the user's, or a login, is missing or does not hold any more. */
export const isAboutLogin = (thrown: unknown): boolean =>
  thrown instanceof LoginNeeded ||
  (thrown instanceof Error &&
    (thrown.cause instanceof LoginNeeded || /^(?:Unauthorized|InsufficientScope)Error$/.test(thrown.name))) ||
  [401, 403].includes(statusOf(thrown) ?? 0);

/** What such a server wants, and what to do; `lacking`: the scopes that a login would need besides, null where that is not it. */
export function loginAdvice({ name, file, ...config }: ServerConfig, lacking: string | null): string {
  const rights = lacking === null ? "" : ` with more rights${lacking === "" ? "" : ` (${cleanLine(lacking, 300)})`}`;
  if (config.kind === "http" && Object.keys(config.headers).some((header) => /^authorization$/i.test(header)))
    return `wants another key${rights}: correct its "headers" in ${file}.`;
  const run = `run "${commandLine(`mcp login ${name}`)}"`;
  return lacking === null
    ? `wants a login, or a key in its "headers" in ${file}: ${run}.`
    : `wants a login${rights}: ${run}, which asks for them.`;
}
