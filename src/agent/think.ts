import { monotonicMs } from "../base/stopwatch.js";
import { BudgetError, ModelError, type ModelFailure } from "../errors.js";
import type { AgentEvent, Step } from "../history/events.js";
import type { RecordedRun } from "../history/read-run.js";
import type { Memory, Recalled } from "../memory/memory.js";
import type { Answer, Call, ChatModel, ChatRequest, Message, ReplySchema } from "../model/model.js";
import { roughCounter, type TokenCounter } from "../model/tokens.js";
import { buildContext, sizeByEstimate, type Context, type ContextParts } from "../prompt/context.js";
import { resumeWindow, type KeptWindow } from "../prompt/window.js";
import type { Guidance } from "./circles/circles.js";
import { wrapUpText, type LastBefore, type WrapUp } from "./limits/wrap-up.js";
import { aboutTools, createToolOffer, type OfferTools } from "./offer-tools.js";
import type { Think, Thought } from "./run-agent.js";
import { createWithholding, type Withholding } from "./withhold.js";

/** More than are shown, since many of them may say the same. */
const recalledRecords = 50;
const leastContextTokens = 1_000;
/** A reply that was cut off gets this many times the room, once. */
const moreRoom = 4;

export type Inspect = (messages: readonly Message[], counts: Context["counts"], budget: number) => Promise<void>;

export type ThinkOptions = {
  model: ChatModel;
  /** What is asked in its place where the run walks in a circle; absent where there is no other. */
  other?: ChatModel | undefined;
  /** What is to be done about a circle. */
  guidance(): Guidance;
  /** Sees to the last step before a limit; absent where there is none. */
  wrapUp?: WrapUp;
  counter: TokenCounter;
  memory: Memory;
  /** Whether memory has anything to recall, ever; yes unless told. */
  recalls?: boolean;
  run: string;
  /** The runs that it was forked from, each with the last step that it took over. */
  earlier?: readonly { run: string; step: number }[];
  systemPrompt: string;
  purpose: string;
  /** What the ledger of each request says from the beginning, a line each. */
  standing?: readonly string[];
  /** What the ledger is condensed to, and what memory may recall, in tokens. */
  ledgerTokens?: number | undefined;
  memoryTokens?: number | undefined;
  /** The context budget, in tokens; halved for good whenever the server says that a context was too long. */
  contextTokens: number;
  answerTokens: number;
  /** The most that the model can answer, in tokens. */
  mostAnswerTokens: number;
  /** The answer that was waited for when the run was killed, for the step that it belongs to. */
  waiting?: RecordedRun["waiting"] | undefined;
  /** The form of a reply, for servers that enforce it. */
  replySchema: ReplySchema;
  /** Commands as tools, and when they are offered; absent: never. */
  offer?: OfferTools;
  /** Hears the reply as it comes. */
  onText?: ChatRequest["onText"] | undefined;
  onThinking?: ChatRequest["onThinking"] | undefined;
  emit(event: AgentEvent): Promise<void>;
  /** Sees each context before it is sent. */
  inspect?: Inspect;
  /** What is known of the window from an earlier process; is told how what is known now is got. Absent: neither. */
  window?: KeepsWindow;
  /** The clock that contexts tell, the system's unless told. */
  now?: () => Date;
};

/**
 * `before`: what `keptWindow` gave for the first of the run's steps, null for nothing; `follow` is called with all of them, and may put others
 * in their places that say the same.
 */
export type KeepsWindow = { before: KeptWindow | null; follow(steps: Step[]): void };

/** Makes the function that thinks. */
export function createThink(options: ThinkOptions): Think {
  const { mostAnswerTokens, wrapUp } = options;
  let { contextTokens, answerTokens } = options;
  const ask = createAsk(options);
  const withheld = createWithholding();
  const offered = options.offer ? createToolOffer(options.offer) : () => undefined;

  const reply = async (messages: readonly Message[], call: Asking): Promise<Thought> => {
    const answer = await ask(messages, call, answerTokens);
    if (answer.finishReason !== "length") return thoughtOf(answer);
    // What the model was found to be able to give is no more than what it has just given.
    const longer = answer.mostTokens === undefined ? Math.min(answerTokens * moreRoom, mostAnswerTokens) : 0;
    const again = longer > answerTokens ? await ask(messages, call, longer) : answer;
    // Hidden reasoning that eats an answer once does so again: from now on there is room for it at once.
    if (answer.text.trim() === "" && again.finishReason !== "length") answerTokens = longer;
    return again.finishReason === "length" ? { text: again.text, cutOff: tooLong } : thoughtOf(again);
  };

  let before = options.window?.before ?? null;
  return async (steps, signal, onContext) => {
    let tell = onContext;
    if (before !== null) resumeWindow(steps, before);
    before = null;
    options.window?.follow(steps as Step[]);
    const call = { step: steps.length + 1, signal, tools: offered(steps) };
    for (;;) {
      const { messages, noted } = await makeContext(options, withheld, contextTokens, steps, call, tell);
      tell = undefined;
      const startedAt = monotonicMs();
      try {
        const thought = await reply(messages, call);
        await noted;
        wrapUp?.took(monotonicMs() - startedAt);
        return thought;
      } catch (thrown) {
        const halved = Math.floor(contextTokens / 2);
        if (thrown instanceof BudgetError && thrown.isHeldBack && wrapUp?.isLastAfterAll()) continue;
        if (failedAs(thrown, "context-too-long") && halved >= leastContextTokens) contextTokens = halved;
        else if (!failedAs(thrown, "filtered") || !withheld.more(steps)) throw thrown;
      }
    }
  };
}

/** A call, and the commands that may be called as tools in its answer. */
type Asking = Call & Pick<ChatRequest, "tools">;

const systemTime = (): Date => new Date();

/**
 * Builds the context of a step, and puts it on record: `noted` resolves when it is there. It comes before the request, and with it, so that one sync
 * serves both.
 */
async function makeContext(
  options: ThinkOptions,
  withheld: Withholding,
  contextTokens: number,
  all: readonly Step[],
  call: Asking,
  onContext: Parameters<Think>[2],
): Promise<{ messages: Message[]; noted: Promise<void> }> {
  const { remark: found, leftOut } = options.guidance();
  const said = [found, aboutTools(all, call.tools !== undefined)].filter((text) => text !== null);
  const remark = said.length === 0 ? null : said.join("\n\n");
  const steps = withheld.shown(all, leftOut);
  const hidden = leftOut.size === 0 ? [] : all.filter((each) => leftOut.has(each.step));
  const now = (options.now ?? systemTime)();
  const { messages, counts } = await withWrapUp(options.wrapUp, call.step, contextTokens, async (budget, closing) => {
    const shown = { ...fixedParts(options), steps, leftOut: hidden, budget, remark };
    return buildContext({
      ...shown,
      ...{ counter: await counterFor(options, shown), closing, now },
      // What is made smaller has no room for what memory recalls.
      recall: async (query, fromStep, near) =>
        withheld.isAll() || budget < contextTokens || options.recalls === false
          ? []
          : recall(options, query, call, { fromStep, near }),
    });
  });
  // Before anything is known of what this context brings into the run.
  onContext?.();
  const noted = options.emit({ type: "context-built", step: call.step, ...counts });
  // It is told of when the request is answered; where the journal fails, that fails as well.
  noted.catch(() => undefined);
  if (options.inspect) {
    await options.inspect(messages, counts, contextTokens);
    // The request comes later now, and could be written down where this was not.
    await noted;
  }
  return { messages, noted };
}

function fixedParts({ systemPrompt, purpose, standing = [], ledgerTokens, memoryTokens }: ThinkOptions) {
  return { systemPrompt, purpose, standing, ledgerTokens, memoryTokens };
}

/**
 * What counts a context's tokens. To load the tokeniser takes longer than all else that a step needs: where everything fits by
 * the estimate, which is higher, nothing depends on it.
 */
async function counterFor({ counter, wrapUp }: ThinkOptions, shown: Parameters<typeof sizeByEstimate>[0]) {
  const size = sizeByEstimate(shown);
  // The first request may go out on an estimate.
  if (size === null || (shown.steps.length > 0 && wrapUp?.isNear(size))) await counter.load();
  return size === null ? counter : roughCounter;
}

type Build = (budget: number, closing: NonNullable<ContextParts["closing"]>) => Promise<Context>;

/** The context of a step; that of the last one before a limit says so, and is made as small as what is left of the limit. */
async function withWrapUp(wrapUp: WrapUp | undefined, step: number, budget: number, build: Build): Promise<Context> {
  let before: LastBefore | null = null;
  const said = (): string | null => (before === null ? null : wrapUpText(before));
  let context = await build(budget, (messages) => {
    before = wrapUp?.look(step, messages) ?? null;
    return said();
  });
  for (let smaller = budget; wrapUp?.isTooLarge(step, context.messages) && smaller > leastLastTokens;) {
    smaller = Math.floor(smaller * smallerBy);
    context = await build(smaller, said);
  }
  return before === null ? context : { ...context, counts: { ...context.counts, lastBefore: before } };
}

/** A context is made smaller in steps of this, down to that many tokens. */
const smallerBy = 0.8;
const leastLastTokens = 300;

/** Asks the model for a reply to these messages, of which the last one is this step's alone. */
function createAsk({ model, other, guidance, run, replySchema, onText, onThinking, ...options }: ThinkOptions) {
  let { waiting } = options;
  return async (messages: readonly Message[], { tools, ...call }: Asking, answerTokens: number): Promise<Answer> => {
    const { otherwise } = guidance();
    const retrieve = waiting?.step === call.step ? waiting : undefined;
    waiting = null;
    return ((otherwise && other) || model).send({
      ...call,
      purpose: "think",
      messages,
      repeated: { messages: messages.length - 1, key: run },
      answerTokens,
      replySchema,
      ...(tools && { tools }),
      ...(otherwise && { temperature: livelier }),
      ...(onText && { onText }),
      ...(onThinking && { onThinking }),
      ...(retrieve && { retrieve }),
    });
  };
}

/** Where a model takes a temperature, it is asked for less likely words with this one. */
const livelier = 1;

const thoughtOf = ({ text, reasoning }: Answer): Thought => ({ text, cutOff: null, ...(reasoning && { reasoning }) });

const tooLong =
  "It was longer than an answer may be, and cut off. Be shorter: write long texts in several parts, with append_to_file.";

const failedAs = (thrown: unknown, kind: ModelFailure): boolean => thrown instanceof ModelError && thrown.kind === kind;

async function recall(
  { memory, run, earlier = [] }: ThinkOptions,
  query: string,
  call: Call,
  { fromStep, near }: { fromStep: number; near: readonly string[] },
): Promise<Recalled[]> {
  // Of the run that this one comes from, neither what the history shows nor what happened after the fork.
  const others = earlier.map((one) => ({ run: one.run, fromStep: Math.min(fromStep, one.step + 1) }));
  return memory.recall(query, { count: recalledRecords, unless: [{ run, fromStep }, ...others], near }, call);
}
