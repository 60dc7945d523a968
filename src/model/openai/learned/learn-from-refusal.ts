import type { ErrorBody } from "../../http/error-body.js";
import type { Meaning } from "../../http/meaning.js";
import { aboutRoles } from "../../http/sayings.js";
import type { AskedBy } from "./learn-api.js";
import type { ModelEntry } from "../../catalog/model-entry.js";
import { cacheParameter, isAboutCache } from "../prompt-cache.js";
import { replyMode } from "../request-body.js";
import type { MessageShape, ModelCapabilities, ReplyMode, ServerCapabilities } from "./capabilities.js";

export type RefusedForm = {
  entry: ModelEntry;
  /** The name under which the server knows the model, and the one under which its capabilities are remembered. */
  model: string;
  known: string;
  /** The names of the optional parameters that were sent. */
  sent: readonly string[];
  asked?: AskedBy;
};

/** A change of what is sent, and how a message tells it; null where the same request is not worth sending so. */
type Change = { capabilities: Partial<ModelCapabilities>; told: string | null };

/**
 * Learns from a refused request what the next one has to leave out or shape differently: nothing, where the refusal is
 * about neither the form nor the length of the answer. Returns in words what will be done to the same request, or
 * undefined where nothing will be. After a second refusal without a reason, everything optional is left out at once. A
 * server that has answered before has to name a reason.
 */
export function adapt(
  capabilities: ServerCapabilities,
  form: RefusedForm,
  refused: { meaning: Meaning; errorBody: ErrorBody },
): string | undefined {
  const { meaning, errorBody } = refused;
  const known = capabilities.of(form.known);
  const change =
    shorterAnswer(form, meaning) ?? (meaning.kind === "other-form" ? changeFor(known, form, errorBody) : undefined);
  if (!change) return undefined;
  capabilities.learn(form.known, { ...change.capabilities, refusals: known.refusals + 1 });
  return change.told ?? undefined;
}

/** The limit is lowered for good, and never left out because it was too large. */
function shorterAnswer({ model }: RefusedForm, { answer }: Meaning): Change | undefined {
  if (answer === undefined) return undefined;
  const told = `${model} takes no answer limit as large as that: it is ${answer.tokens} tokens at most from now on.`;
  return { capabilities: { mostAnswer: answer.tokens }, told: answer.enough ? told : null };
}

function changeFor(known: ModelCapabilities, form: RefusedForm, errorBody: ErrorBody): Change | undefined {
  const parameter = refusedParameter(errorBody, form.sent) ?? unproven(known, form);
  const named = parameter === undefined ? undefined : withoutParameter(known, form, parameter);
  // A template may refuse the conversation only once it has grown, so this is looked at after earlier answers too.
  const shape = named ? undefined : otherShape(known, errorBody);
  if (known.proven || (named && errorBody.param !== null)) return named ?? shape;
  if (known.refusals > 0) return shape ?? plainest(known, form, named);
  return named ?? shape ?? plainest(known, form, undefined);
}

/**
 * The parameter among `sent` that a refusal is about: the one in its `param`, or else, since many servers leave that
 * empty, the one whose exact name, or whose value's name, stands first in its message.
 */
export function refusedParameter(errorBody: ErrorBody, sent: readonly string[]): string | undefined {
  if (sent.includes(cacheParameter) && isAboutCache(errorBody)) return cacheParameter;
  const message = inOurNames(errorBody.message);
  const param = errorBody.param && inOurNames(errorBody.param);
  if (param)
    return sent.find((name) => param === name || [".", "["].some((next) => param.startsWith(`${name}${next}`)));
  // Servers without a parser for them name an option of their own.
  if (sent.includes("tools") && /\btools?\b|\bfunction[ _-]?call/i.test(message)) return "tools";
  for (const word of message.match(/\w+/g) ?? []) {
    const name = formatWords.has(word) ? "response_format" : word;
    if (sent.includes(name)) return name;
  }
  return undefined;
}

/** Responses has the effort and the form of a reply within other parameters than Chat Completions. */
const inOurNames = (text: string): string =>
  text.replace(/\breasoning\.effort\b/g, "reasoning_effort").replace(/\btext\.format\b|^text$/g, "response_format");

/** What a server that has answered before was now asked for the first time: a refusal without a reason is about that. */
const unproven = ({ proven, promptCache }: ModelCapabilities, { sent }: RefusedForm): string | undefined =>
  proven && promptCache === undefined && sent.includes(cacheParameter) ? cacheParameter : undefined;

const formatWords = new Set(["json_schema", "json_object", "grammar", "guided_json"]);

function withoutParameter(known: ModelCapabilities, { entry, model }: RefusedForm, parameter: string): Change {
  if (parameter !== "response_format") {
    const told =
      parameter === cacheParameter
        ? `${model} takes no breakpoints of the prompt cache: they are left out from now on.`
        : `${model} refuses the parameter ${parameter}: it is left out from now on.`;
    return { capabilities: { refused: [...known.refused, parameter] }, told };
  }
  const reply: ReplyMode = replyMode(entry, known) === "schema" && known.refusals === 0 ? "object" : "text";
  const form = reply === "object" ? "any JSON object" : "plain text";
  return {
    capabilities: { reply },
    told: `${model} refuses response_format: its reply is asked for as ${form} from now on.`,
  };
}

function otherShape(known: ModelCapabilities, errorBody: ErrorBody): Change | undefined {
  if (!aboutRoles.test(errorBody.message)) return undefined;
  const shape: MessageShape =
    /alternat/i.test(errorBody.message) && known.shape === "as-is" ? "alternating" : "no-system";
  if (known.shape === shape) return undefined;
  const told =
    shape === "alternating"
      ? "The model wants user and assistant in turn: messages of one role are joined from now on."
      : "The model takes no system message: it opens the first user message from now on.";
  return { capabilities: { shape }, told };
}

const dispensable = {
  chat: ["temperature", "reasoning_effort", "stream_options", cacheParameter],
  responses: ["temperature", "reasoning_effort", "include", "store", cacheParameter],
};

/** The change that leaves out everything that some server refuses; undefined where that has been tried. */
function plainest(
  known: ModelCapabilities,
  { entry, asked }: RefusedForm,
  named: Change | undefined,
): Change | undefined {
  const without = dispensable[asked?.api ?? "chat"];
  const refused = [...new Set([...known.refused, ...(named?.capabilities.refused ?? []), ...without])];
  const plain = without.every((name) => known.refused.includes(name)) && replyMode(entry, known) === "text";
  if (plain && !named) return undefined;
  return {
    capabilities: { refused, reply: "text", shape: "no-system", guessed: true },
    told: "The server does not say what it refuses: it is asked in the plainest form from now on.",
  };
}
