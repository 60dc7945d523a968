import type { ModelFailure } from "../../errors.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { FailedRequest, type RefusedRequest } from "../http/errors.js";
import type { ModelServer } from "../http/server.js";
import { oneLine } from "../http/error-body.js";
import { adapt, isAboutRoles } from "./learn-from-refusal.js";

/** The request that was refused. `sent`: the names of its optional parameters; `setting`: the setting that chose the model. */
export type Refused = {
  server: ModelServer;
  entry: ModelEntry;
  setting: string;
  /** The name under which the server knows the model: on Azure, the deployment. */
  model: string;
  sent: readonly string[];
  /** Part of an answer came before the refusal. */
  begun?: boolean;
};

/**
 * A refusal as an error that says what to change. Decides on the status and the server's codes. Nothing is billed,
 * unless it came in the middle of an answer, or is a fault of a server that may have done the work all the same.
 */
export function failureOf(refusal: RefusedRequest, request: Refused): FailedRequest {
  const { server, begun = false } = request;
  const kind = kindOf(refusal);
  const facts = { retryAfterMs: refusal.retryAfterMs, cause: refusal };
  if (kind === "bad-parameter" || isTemplateFault(refusal)) {
    const change = adapt(server.capabilities, request, refusal.errorBody);
    if (change !== undefined) {
      return new FailedRequest("bad-parameter", `${server.address}: ${change}`, {
        ...facts,
        adapted: true,
        mayBeBilled: begun,
      });
    }
  }
  const { what, advice } = explain(kind, refusal, request);
  // A gateway gives up on what the model behind it goes on with, and bills.
  const mayBeBilled = begun || kind === "server-fault";
  return new FailedRequest(kind, `${what}${said(refusal, request)}`, { ...facts, advice, mayBeBilled });
}

/** Whether a model's template refuses the conversation, which some servers report as a fault of their own (500). */
const isTemplateFault = ({ status, errorBody }: RefusedRequest): boolean => status === 500 && isAboutRoles(errorBody);

const spentCodes = new Set([
  "insufficient_quota",
  "billing_hard_limit_reached",
  "billing_not_active",
  "quota_exceeded",
]);
const tooLongCodes = new Set(["context_length_exceeded", "exceed_context_size_error", "string_above_max_length"]);

function kindOf({ status, errorBody: { code, type } }: RefusedRequest): ModelFailure {
  const named = (codes: ReadonlySet<string>) => codes.has(code ?? "") || codes.has(type ?? "");
  if (named(tooLongCodes) || status === 413) return "context-too-long";
  if (code === "model_not_found" || status === 404 || status === 405 || status === 501) return "unknown-model";
  if (status === 401) return "wrong-key";
  if (status === 402 || (status === 429 && named(spentCodes))) return "spent-quota";
  if (status === 429) return "rate-limit";
  if (status === 408 || status === 409 || status >= 500) return "server-fault";
  return status === 400 || status === 422 ? "bad-parameter" : "refused";
}

/** What is wrong and where, in a sentence, and what a person can do about it. */
type Explanation = { what: string; advice?: string };

function explain(kind: ModelFailure, { status, errorBody }: RefusedRequest, request: Refused): Explanation {
  const { server, entry, setting, model } = request;
  const where = `${server.address}${server.isAzure ? `, deployment ${model}` : ""} (status ${status})`;
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
