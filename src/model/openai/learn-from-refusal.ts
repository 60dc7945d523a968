import type { ErrorBody } from "./error-body.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { replyMode } from "./request-body.js";
import type { MessageShape, ModelCapabilities, ReplyMode, ServerCapabilities } from "./capabilities.js";

export type RefusedForm = {
  entry: ModelEntry;
  /** The name under which the server knows the model. */
  model: string;
  /** The names of the optional parameters that were sent. */
  sent: readonly string[];
};

/** A change of what is sent, and how a message tells it. */
type Change = { capabilities: Partial<ModelCapabilities>; told: string };

/**
 * Learns from a refused request what the next one has to leave out or to shape in another way; what was changed, or
 * undefined where nothing can be. At most two requests are spent on that: a server that refuses a second time without
 * saying what is asked in the plainest form. One that has answered before is believed only where it names its reason.
 */
export function adapt(capabilities: ServerCapabilities, form: RefusedForm, errorBody: ErrorBody): string | undefined {
  const known = capabilities.of(form.model);
  const change = changeFor(known, form, errorBody);
  if (!change) return undefined;
  capabilities.learn(form.model, { ...change.capabilities, refusals: known.refusals + 1 });
  return change.told;
}

function changeFor(known: ModelCapabilities, form: RefusedForm, errorBody: ErrorBody): Change | undefined {
  const parameter = refusedParameter(errorBody, form.sent);
  const named = parameter === undefined ? undefined : withoutParameter(known, form, parameter);
  // Templates may complain when the conversation has grown, so that may come late.
  const shape = named ? undefined : otherShape(known, errorBody);
  if (known.proven || (named && errorBody.param !== null)) return named ?? shape;
  if (known.refusals > 0) return shape ?? plainest(known, form, named);
  return named ?? shape ?? plainest(known, form, undefined);
}

/**
 * The parameter among `sent` that a refusal is about: the one in its `param`, or else, since many servers leave that
 * empty, the one whose exact name, or whose value's name, stands first in its message.
 */
export function refusedParameter({ param, message }: ErrorBody, sent: readonly string[]): string | undefined {
  if (param) return sent.find((name) => param === name || param.startsWith(`${name}.`));
  for (const word of message.match(/\w+/g) ?? []) {
    const name = formatWords.has(word) ? "response_format" : word;
    if (sent.includes(name)) return name;
  }
  return undefined;
}

const formatWords = new Set(["json_schema", "json_object", "grammar", "guided_json"]);

function withoutParameter(known: ModelCapabilities, { entry, model }: RefusedForm, parameter: string): Change {
  if (parameter !== "response_format") {
    const told = `${model} refuses the parameter ${parameter}: it is left out from now on.`;
    return { capabilities: { refused: [...known.refused, parameter] }, told };
  }
  const reply: ReplyMode = replyMode(entry, known) === "schema" && known.refusals === 0 ? "object" : "text";
  const form = reply === "object" ? "any JSON object" : "plain text";
  return {
    capabilities: { reply },
    told: `${model} refuses response_format: its reply is asked for as ${form} from now on.`,
  };
}

/** Templates refuse conversations without any code: the words of the roles are all there is to go by. */
export const isAboutRoles = ({ message }: ErrorBody): boolean =>
  /\b(?:roles?|alternat\w*|system (?:role|message|prompt)s?)\b/i.test(message);

function otherShape(known: ModelCapabilities, errorBody: ErrorBody): Change | undefined {
  if (!isAboutRoles(errorBody)) return undefined;
  const shape: MessageShape =
    /alternat/i.test(errorBody.message) && known.shape === "as-is" ? "alternating" : "no-system";
  if (known.shape === shape) return undefined;
  const told =
    shape === "alternating"
      ? "The model wants user and assistant in turn: messages of one role are joined from now on."
      : "The model takes no system message: it opens the first user message from now on.";
  return { capabilities: { shape }, told };
}

const dispensable = ["temperature", "reasoning_effort", "stream_options"];

/** Everything that some server refuses is left out; undefined where that has been tried. */
function plainest(known: ModelCapabilities, { entry }: RefusedForm, named: Change | undefined): Change | undefined {
  const refused = [...new Set([...known.refused, ...(named?.capabilities.refused ?? []), ...dispensable])];
  const shape: MessageShape = known.shape === "as-is" ? "alternating" : "no-system";
  const plain = dispensable.every((name) => known.refused.includes(name)) && replyMode(entry, known) === "text";
  if (plain && !named) return undefined;
  return {
    capabilities: { refused, reply: "text", shape },
    told: "The server does not say what it refuses: it is asked in the plainest form from now on.",
  };
}
