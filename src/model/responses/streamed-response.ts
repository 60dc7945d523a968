import { isObject, parseJson } from "../../base/json.js";
import type { StreamedAnswer } from "../openai/streamed-answer.js";
import { completionOf, errorInResponse, itemIn, responseIn, type Item, type ResponseFields } from "./read-response.js";

/** The last events of a stream; each brings the whole response, with its usage. */
const lastEvents = new Set(["response.completed", "response.incomplete", "response.done"]);

/** What of the thinking comes in the open: all of it, or a summary. */
const thinkingEvents = new Set(["response.reasoning_text.delta", "response.reasoning_summary_text.delta"]);

/** Puts a streamed response together. Events that it does not know say nothing of the answer. */
export function createStreamedResponse(): StreamedAnswer {
  const items = new Map<number, Item>();
  const spoken = new Map<number, string[]>();
  let last: ResponseFields | undefined;
  let ended = false;
  let begun = false;

  /** The items that are whole, and those of which only pieces came. */
  const itemsSoFar = (): Item[] =>
    [...new Set([...items.keys(), ...spoken.keys()])]
      .sort((one, other) => one - other)
      .map((index) => items.get(index) ?? ({ type: "message", content: (spoken.get(index) ?? []).join("") } as Item));

  const piece = (place: unknown, text: unknown): string => {
    if (typeof text !== "string") return "";
    const index = typeof place === "number" ? place : 0;
    spoken.set(index, [...(spoken.get(index) ?? []), text]);
    begun ||= text !== "";
    return text;
  };

  return {
    take(data) {
      if (data.trim() === "[DONE]") {
        ended = true;
        return { kind: "end" };
      }
      const json = parseJson(data);
      const trouble = errorInResponse(json);
      if (trouble) return trouble;
      if (!isObject(json)) return /[[{]/.test(data) ? { kind: "other" } : { kind: "piece", text: "" };
      const type = typeof json["type"] === "string" ? json["type"] : "";
      if (lastEvents.has(type)) last = responseIn(json["response"]) ?? { status: "completed" };
      else if (type === "response.output_item.done") {
        const item = itemIn(json["item"]);
        begun ||= item !== undefined;
        if (item) items.set(typeof json["output_index"] === "number" ? json["output_index"] : items.size, item);
      } else if (type === "response.output_text.delta" || type === "response.refusal.delta") {
        return { kind: "piece", text: piece(json["output_index"], json["delta"]) };
      } else if (type.endsWith(".delta")) {
        begun = true;
        if (thinkingEvents.has(type) && typeof json["delta"] === "string")
          return { kind: "piece", text: "", thinking: json["delta"] };
      }
      // A server that answers in one piece under the type of a stream.
      else if (type === "" && responseIn(json)) last = responseIn(json);
      return { kind: "piece", text: "" };
    },
    begun: () => begun,
    completion: () =>
      last === undefined && !ended ? undefined : completionOf(last ?? { status: "completed" }, itemsSoFar()),
  };
}
