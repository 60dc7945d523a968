import { onOneLine } from "../../base/text.js";
import type { FinishReason } from "../../history/event-parts.js";

export type WatchOptions = {
  /** The server, as messages name it. */
  address: string;
  model: string;
  /** Says something to the person, not to the model. */
  warn(text: string): void;
};

/** One answer. `promptTokens`: as the server reports them; `sentTokens`: as they are counted here, exactly or by an estimate. */
export type Watched = {
  text: string;
  reasoning: string;
  finishReason: FinishReason;
  promptTokens: number | undefined;
  sentTokens: number;
  isExact: boolean;
  /** In what words the model declined, where the server marks them. */
  refusal?: string | undefined;
};

/** So many times what is reported is counted for a prompt that was cut: tokenisers differ by less, estimates by more. */
const cutFactor = { exact: 1.5, estimated: 2 };
/** Servers that report only what is new in a prompt report less than this in most steps. */
const leastReported = 1_000;

/**
 * Looks at the answers of one model for what is silently wrong with its server, and warns once of each: prompts that it
 * cuts, and replies that it gives as reasoning.
 */
export function createAnswerWatch({ address, model, warn }: WatchOptions): (answer: Watched) => void {
  let cutBefore: { reported: number; sent: number } | undefined;
  const said = new Set<string>();
  const once = (what: string, text: string): void => {
    if (!said.has(what)) warn(text);
    said.add(what);
  };
  return ({ text, reasoning, finishReason, promptTokens: reported = Infinity, sentTokens: sent, isExact, refusal }) => {
    if (text.trim() === "" && reasoning.trim() !== "" && finishReason !== "length") {
      once("reasoning", asReasoning(address, model));
    }
    if (refusal !== undefined) warn(`${model} refuses: ${JSON.stringify(onOneLine(refusal.slice(0, 300)))}`);
    const factor = isExact ? cutFactor.exact : cutFactor.estimated;
    const isLess = reported >= leastReported && sent >= reported * factor;
    const goesOn = cutBefore !== undefined && sent > cutBefore.sent && reported <= cutBefore.reported * 1.05;
    if (isLess && goesOn) once("cut", cutPrompts(address, reported, sent));
    cutBefore = isLess ? { reported, sent } : undefined;
  };
}

const cutPrompts = (address: string, reported: number, sent: number): string =>
  `WARNING: ${address} reports ${reported} tokens for prompts of up to ${sent}: it seems to cut what it is sent. Set CONTEXT_TOKENS to ` +
  "less than its context holds, or let that hold more (Ollama: OLLAMA_CONTEXT_LENGTH or num_ctx; LM Studio: context length; llama.cpp: -c).";

const asReasoning = (address: string, model: string): string =>
  `WARNING: ${address} gives what ${model} says as reasoning, and no answer besides. Let it not separate reasoning (vLLM and SGLang: ` +
  "--reasoning-parser; llama.cpp: --reasoning-format none; LM Studio: its setting for reasoning_content), or let the model not think.";
