import type { FinishReason } from "../../history/event-parts.js";

/** Why an answer ended. `filtered`: a content filter withheld it or the rest of it; `broken`: the server failed. */
export type Finish = { reason: FinishReason; trouble: "filtered" | "broken" | null };

/** The words of several vendors for it, in lower case. */
const reasons: ReadonlyMap<string, Finish> = new Map(
  (
    [
      ["stop", null, "stop end_turn eos eos_token stop_sequence completed complete"],
      [
        "length",
        null,
        `length max_tokens max_output_tokens max_completion_tokens max_length model_length token_limit
         model_context_window_exceeded`,
      ],
      [
        "other",
        "filtered",
        `content_filter content_filtered safety prohibited_content recitation blocklist spii image_safety sensitive
         refusal guardrail_intervened`,
      ],
      [
        "other",
        "broken",
        "error internal_error engine_error network_error failed aborted abort insufficient_system_resource",
      ],
    ] as const
  ).flatMap(([reason, trouble, names]) => names.split(/\s+/).map((name) => [name, { reason, trouble }] as const)),
);

/** Reads a finish reason, in whatever case it is written. */
export const finishOf = (said: string | null | undefined): Finish =>
  reasons.get(said?.trim().toLowerCase() ?? "") ?? { reason: "other", trouble: null };
