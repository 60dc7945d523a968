import type { RefusedRequest } from "../../http/errors.js";
import type { ModelServer } from "../../http/server.js";

/** By which API a model was asked, and under which name it is remembered what it takes there. */
export type AskedBy = {
  api: "chat" | "responses";
  known: string;
  /** The other API may be asked instead. */ mayMove: boolean;
};

type Request = { server: ModelServer; model: string; asked?: AskedBy };

/**
 * Learns from a refusal that the model has to be asked by the other API, and returns in words what will be done; undefined where
 * it says nothing of the kind. From Chat Completions to Responses where the server names that, or does not know the path and has
 * never answered there; back, where it does not know Responses after all. The second is no reason to ask again, unless it
 * was known there before.
 */
export function changeApi(server: ModelServer, refusal: RefusedRequest, request: Request): string | undefined {
  const { model, asked } = request;
  if (asked?.mayMove !== true) return undefined;
  const { capabilities } = server;
  const before = capabilities.of(model);
  if (asked.api === "chat") {
    if (before.api !== undefined) return undefined;
    const says = namesResponses(refusal);
    if (!says && (before.proven || server.isAzure || server.isOpenAi || !hasNoSuchPath(refusal))) return undefined;
    capabilities.learn(model, { api: "responses", proven: false });
    return says
      ? `${model} is asked by the Responses API, as the server says.`
      : "Nothing answers there to Chat Completions: the Responses API is tried.";
  }
  if (!hasNoSuchPath(refusal)) return undefined;
  const wasKnown = capabilities.of(asked.known).proven || before.api === undefined;
  capabilities.learn(model, { api: "chat", proven: false });
  return wasKnown ? "The server knows no Responses API: Chat Completions are asked for from now on." : undefined;
}

/** A refusal by Chat Completions that sends the client to Responses, as OpenAI words it for models and tools. */
const namesResponses = ({ status, errorBody: { message } }: RefusedRequest): boolean =>
  /^(?:400|403|404|405|410|422)$/.test(String(status)) &&
  /\bv1\/responses\b|\/responses\b|\bresponses api\b/i.test(message);

/** Whether the path is unknown there, and not the model. */
export function hasNoSuchPath({ status, errorBody: { names, message } }: RefusedRequest): boolean {
  if (!/^(?:404|405|501)$/.test(String(status)) && !(status === 400 && aboutPath.test(message))) return false;
  return ![...names].some((name) => /model|deployment/.test(name)) && !/\b(?:models?|deployments?)\b/i.test(message);
}

/** As servers word it that answer so with another status: `Unknown request URL: POST /v1/responses`. */
const aboutPath =
  /\b(?:unknown|invalid|unsupported|unrecognized|no such) (?:request )?(?:url|path|endpoint|route)\b[^]{0,40}\/(?:responses|completions)\b/i;
