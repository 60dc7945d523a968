import type { SubagentEvent } from "../history/events.js";
import type { Call, ChatModel, Message } from "../model/model.js";

type SubAgent = { name: string; task: string; messages: Message[] };

/** Sub-agents: conversations with the fast model, each under a key that is never used twice. */
export type Subagents = {
  /** Starts a conversation and returns its key and the first answer. */
  create(name: string, task: string, prompt: string, call: Call): Promise<{ key: string; answer: string }>;
  /** Throws when there is no sub-agent of this key. */
  message(key: string, text: string, call: Call): Promise<string>;
  list(): { key: string; name: string; task: string }[];
  /** False when there is none of this key. */
  delete(key: string, step: number): Promise<boolean>;
};

export type SubagentOptions = {
  model: ChatModel;
  emit(event: SubagentEvent): Promise<void>;
  /** The most a conversation may have, in tokens; its oldest messages after the first give way. */
  contextTokens: number;
  answerTokens: number;
  countTokens(messages: readonly Message[]): number | Promise<number>;
  /** The events of an earlier part of this run. */
  history?: readonly SubagentEvent[];
  /**
   * A step of that part that was cut short and is run again. What was said in it is not said twice: an answer that came is given
   * again, and what was not answered is asked anew, under the same key.
   */
  again?: number | null;
};

/** Keeps sub-agents and their conversations within the model's window; `history` brings them back after a resume. */
export function createSubagents(options: SubagentOptions): Subagents {
  const { agents, said, ...kept } = restoreAll(options);
  let { nextKey } = kept;

  const say = async (key: string, agent: SubAgent, text: string, call: Call): Promise<string> => {
    const first = agent.messages.length === 0 ? { name: agent.name, task: agent.task } : {};
    const known = answerIn(said, key, text);
    if (known !== null) {
      agent.messages.push({ role: "user", content: text }, { role: "assistant", content: known });
      return known;
    }
    await options.emit({ type: "agent-message", step: call.step, key, role: "user", text, ...first });
    const asked: Message[] = [...agent.messages, { role: "user", content: text }];
    const { text: given, finishReason } = await options.model.send({
      ...call,
      purpose: "agent",
      messages: [introduction(agent), ...(await withinWindow(asked, options))],
      answerTokens: options.answerTokens,
    });
    const answer = finishReason === "length" ? `${given}\n[cut off: the answer was too long]` : given;
    await options.emit({ type: "agent-message", step: call.step, key, role: "assistant", text: answer });
    agent.messages = [...asked, { role: "assistant", content: answer }];
    return answer;
  };

  return {
    async create(name, task, prompt, call) {
      const key = String(nextKey++);
      const agent: SubAgent = { name, task, messages: [] };
      const answer = await say(key, agent, prompt, call);
      agents.set(key, agent);
      return { key, answer };
    },
    async message(key, text, call) {
      const agent = agents.get(key);
      if (!agent) throw new Error(`There is no agent with the key ${JSON.stringify(key)}. list_agents shows the keys.`);
      return say(key, agent, text, call);
    },
    list: () => [...agents].map(([key, { name, task }]) => ({ key, name, task })),
    async delete(key, step) {
      if (!agents.delete(key)) return false;
      await options.emit({ type: "agent-deleted", step, key });
      return true;
    },
  };
}

type Said = Extract<SubagentEvent, { type: "agent-message" }>;

/** What the sub-agent of this key answered to a text; null where it did not. What is taken is not there any more. */
function answerIn(said: Said[], key: string, text: string): string | null {
  const asked = said.findLastIndex((one) => one.key === key && one.role === "user" && one.text === text);
  const answer =
    asked === -1 ? undefined : said.slice(asked).find((one) => one.key === key && one.role === "assistant");
  if (answer === undefined) return null;
  said.splice(said.indexOf(answer), 1);
  return answer.text;
}

/** What an earlier part of the run has left: the sub-agents, and what was said in the step that is run again. */
function restoreAll({ history = [], again = null }: SubagentOptions) {
  const agents = new Map<string, SubAgent>();
  const before = history.filter(({ step }) => step !== again);
  const said = history.filter((event) => event.type === "agent-message").filter(({ step }) => step === again);
  for (const event of before) restore(agents, event);
  for (const [key, agent] of agents) {
    // A message that was cut short by a crash is forgotten, and with the first one the sub-agent.
    if (!endsAnswered(agent)) agent.messages.pop();
    if (agent.messages.length === 0) agents.delete(key);
  }
  const nextKey = before.reduce((next, { key }) => Math.max(next, Number(key) + 1), 0);
  return { agents, said, nextKey };
}

const introduction = ({ name, task }: SubAgent): Message => ({
  role: "system",
  content: `You are ${name}, an assistant of another AI, which gave you this task: ${task}\nYou have no commands and cannot look anything up: answer with text alone, briefly and truthfully, and say so when you do not know.`,
});

function restore(agents: Map<string, SubAgent>, event: SubagentEvent): void {
  if (event.type === "agent-deleted") {
    agents.delete(event.key);
    return;
  }
  const agent = agents.get(event.key) ?? { name: event.name ?? "", task: event.task ?? "", messages: [] };
  agents.set(event.key, agent);
  // A message that was never answered was cut short by a crash: the next one takes its place.
  if (event.role === "user" && !endsAnswered(agent)) agent.messages.pop();
  agent.messages.push({ role: event.role, content: event.text });
}

const endsAnswered = (agent: SubAgent): boolean => agent.messages.at(-1)?.role === "assistant";

/** The first message and as many of the newest as fit; the newest is always among them. */
async function withinWindow(
  messages: readonly Message[],
  { contextTokens, countTokens }: SubagentOptions,
): Promise<readonly Message[]> {
  if ((await countTokens(messages)) <= contextTokens) return messages;
  const [first, ...rest] = messages;
  if (!first) return messages;
  const kept = rest;
  while (kept.length > 1 && (await countTokens([first, ...kept])) > contextTokens)
    kept.splice(0, kept.length > 2 ? 2 : 1);
  return [first, ...kept];
}
