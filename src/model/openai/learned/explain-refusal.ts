import type { ModelFailure } from "../../../errors.js";
import type { ModelEntry } from "../../catalog/model-entry.js";
import { FailedRequest, type RefusedRequest } from "../../http/errors.js";
import { meaningOf, type Meaning } from "../../http/meaning.js";
import type { ModelServer } from "../../http/server.js";
import { oneLine } from "../../http/error-body.js";
import { adapt } from "./learn-from-refusal.js";
import { changeApi, hasNoSuchPath, type AskedBy } from "./learn-api.js";

/** The request that was refused. `sent`: the names of its optional parameters; `setting`: the setting that chose the model. */
export type Refused = {
  server: ModelServer;
  entry: ModelEntry;
  setting: string;
  /** The name under which the server knows the model: on Azure, the deployment. */
  model: string;
  sent: readonly string[];
  /** By which API, and under which name its capabilities are remembered; Chat Completions, and the model's, unless told. */
  asked?: AskedBy;
  /** What can be changed about the request besides parameters, roles and form: in words, or undefined for nothing. */
  change?(refusal: RefusedRequest): string | undefined;
  /** The limit of the answer, where it had one. */
  answerTokens?: number | undefined;
  /** Part of an answer came before the refusal. */
  begun?: boolean;
};

/**
 * A refusal as an error that says what to change. What it means is read in one place, meaning.ts. Nothing is billed,
 * unless it came in the middle of an answer, or is a fault of a server that may have done the work all the same.
 */
export function failureOf(refusal: RefusedRequest, request: Refused): FailedRequest {
  const { server, begun = false } = request;
  const meaning = meaningOf(refusal, request.answerTokens);
  const kind = kindOf(meaning, refusal.status);
  const loading = meaning.kind === "wait" && meaning.loading;
  const facts = { retryAfterMs: refusal.retryAfterMs, loading, cause: refusal };
  const known = request.asked?.known ?? request.model;
  const change =
    request.change?.(refusal) ??
    changeApi(server, refusal, request) ??
    (hasNoSuchPath(refusal)
      ? undefined
      : adapt(server.capabilities, { ...request, known }, { meaning, errorBody: refusal.errorBody }));
  if (change !== undefined) {
    const billed = begun ? "reservation" : "nothing";
    return new FailedRequest(kind, `${server.address}: ${change}`, { ...facts, adapted: true, billed });
  }
  const { what, advice } = explain(kind, refusal, request);
  // A gateway gives up on what the model behind it goes on with, and bills; a model that is being loaded does not work.
  const billed = begun || (kind === "server-fault" && !loading) ? "reservation" : "nothing";
  return new FailedRequest(kind, `${what}${said(refusal, request)}`, { ...facts, advice, billed });
}

/** The failure that a refusal is told as. */
export function kindOf(meaning: Meaning, status: number): ModelFailure {
  switch (meaning.kind) {
    case "cannot":
      return meaning.why;
    case "wait":
      return status === 429 || status === 498 ? "rate-limit" : "server-fault";
    case "shorter":
      return "context-too-long";
    case "other-form":
      return "bad-parameter";
    case "filtered":
      return "filtered";
    case "broken":
      return "server-fault";
  }
}

/** What is wrong and where, in a sentence, and what a person can do about it. */
type Explanation = { what: string; advice?: string };

function explain(kind: ModelFailure, refusal: RefusedRequest, request: Refused): Explanation {
  const { status, errorBody } = refusal;
  const { server, entry, setting, model } = request;
  const where = `${server.address}${server.isAzure ? `, deployment ${model}` : ""} (status ${status})`;
  if (status === 407)
    return { what: `The proxy before ${where} wants a user name and a password.`, advice: aboutProxy };
  if (request.asked?.api === "responses" && !request.asked.mayMove && hasNoSuchPath(refusal))
    return { what: `${where} knows no Responses API.`, advice: "Set OPENAI_API=auto, or OPENAI_API=chat." };
  switch (kind) {
    case "wrong-key":
      return server.apiKey === undefined
        ? { what: `${where} wants an API key.`, advice: "Set OPENAI_API_KEY." }
        : { what: `${where} does not accept the API key.`, advice: "Check OPENAI_API_KEY." };
    case "spent-quota":
      return {
        what: `The account behind the API key has no credit left at ${where}.`,
        advice: "Add credit or raise its limit.",
      };
    case "unknown-model":
      return unknownModel(where, errorBody.code !== null || server.isOpenAi, request);
    case "context-too-long":
      return {
        what: `The request is too long for ${entry.name} at ${where}.`,
        advice: `Lower CONTEXT_TOKENS or choose a model with a larger window in ${setting}.`,
      };
    case "filtered":
      return { what: `${where}: a content filter refuses the request to ${entry.name}.`, advice: aboutFilter };
    case "rate-limit":
      return { what: `${where} takes no more requests at the moment.` };
    case "server-fault":
      return { what: `${where} has a fault of its own at the moment.` };
    case "bad-parameter":
      return {
        what: `${where} does not accept the request to ${entry.name}.`,
        advice: `Check ${setting} and whether the address speaks OpenAI's protocol (OPENAI_API_BASE_URL).`,
      };
    default:
      return {
        what: `${where} refuses the request to ${entry.name}.`,
        advice: `Check what OPENAI_API_KEY may do, ${setting} and OPENAI_API_BASE_URL.`,
      };
  }
}

const aboutProxy = "Give them in the proxy's address, in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY.";

/** What a person can do where a content filter refuses what the run sends. */
export const aboutFilter =
  "Look at the goals, and at the newest result: something in them is not allowed there. " +
  "In a run, the results that it may be about are left out before it ends; --resume does so again.";

function unknownModel(where: string, certain: boolean, { entry, model, server, setting }: Refused): Explanation {
  const { name, retires, replacement } = entry;
  if (server.isAzure) {
    return {
      what: `${where} has no deployment ${model}.`,
      advice:
        `It stands for ${setting}: check the names in azure.yaml or OPENAI_AZURE_…_DEPLOYMENT_ID, the address and the ` +
        "API version.",
    };
  }
  const advice = replacement ? `Set ${setting}=${replacement}.` : `Choose another one in ${setting}.`;
  if (retires) return { what: `${where} does not offer the model ${name}, whose shutdown date is ${retires}.`, advice };
  if (certain) return { what: `${where} does not offer the model ${name}.`, advice };
  return {
    what: `${where} knows neither the address nor the model ${name}.`,
    advice: `Check OPENAI_API_BASE_URL (it usually ends in /v1) and ${setting}.`,
  };
}

function said({ errorBody }: RefusedRequest, { server }: Refused): string {
  const line = oneLine(errorBody.message, server.apiKey);
  return line === "" ? "" : ` The server says: "${line}"${/[.!?…]$/.test(line) ? "" : "."}`;
}
