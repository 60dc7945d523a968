import { allCommands } from "../../../commands/index.js";
import { messageOf, RunError } from "../../../errors.js";
import { replyMode } from "../../../model/openai/request-body.js";
import { chatOutsideRun } from "../../../compose/chat.js";
import type { OpenServer } from "../../../compose/server.js";
import { replySchema } from "../../../prompt/reply-schema.js";
import { buildSystemPrompt } from "../../../prompt/system-prompt.js";
import { parseReply } from "../../../reply/parse.js";
import type { Settings } from "../../../settings/schema.js";
import { exercises, type Exercise } from "./exercises.js";

export type ExerciseOptions = { server: OpenServer; settings: Settings; json: boolean; signal: AbortSignal };

type Result = { exercise: string; passed: boolean; problem: string | null };

/** A model that passes fewer than this is hardly worth a run. */
const enough = 9;

/** `autogpt doctor --model`: plays the exercises against the smart model, with the agent's own prompt and parser. */
export async function exerciseModel(options: ExerciseOptions): Promise<{ text: string; passed: boolean }> {
  const { server, json } = options;
  const { entry, sent } = server.model("smart");
  const ask = asking(options);
  const results: Result[] = [];
  for (const exercise of exercises) results.push(await play(exercise, ask, options.signal));
  const count = results.filter(({ passed }) => passed).length;
  const mode = replyMode(entry, server.server.capabilities.of(sent));
  const passed = count >= enough;
  if (json)
    return { text: JSON.stringify({ model: sent, mode, passed: count, of: results.length, results }, null, 2), passed };
  const lines = results.map(
    (one) => `${one.passed ? "ok   " : "fail "} ${one.exercise}${one.problem === null ? "" : `: ${one.problem}`}`,
  );
  const told = { schema: "by its JSON schema", object: "as a JSON object", text: "by asking for it" }[mode];
  const sum = `${sent}: ${count} of ${results.length} passed. The form of its replies is enforced ${told}.`;
  return { text: [...lines, sum].join("\n"), passed };
}

type Ask = (turns: Exercise["turns"]) => Promise<string>;

function asking({ server, settings, signal }: ExerciseOptions): Ask {
  const model = chatOutsideRun(server, settings, "smart");
  const system = buildSystemPrompt({
    aiName: "Examinee",
    aiRole: "an AI whose replies are examined",
    goals: ["Do what the last message says"],
    commands: allCommands,
    fastModel: settings.fastModel,
    remembers: false,
  });
  const schema = replySchema(allCommands);
  return async (turns) => {
    const messages = [{ role: "system" as const, content: system }, ...turns];
    const request = { step: 0, purpose: "think" as const, messages, replySchema: schema, signal };
    const answer = await model.send({ ...request, answerTokens: 4_000 });
    if (answer.finishReason !== "length" || answer.text.trim() !== "") return answer.text;
    return (await model.send({ ...request, answerTokens: 16_000 })).text;
  };
}

/** The first failure of the service ends everything: the model is not to blame for it. */
async function play({ name, turns, passes }: Exercise, ask: Ask, signal: AbortSignal): Promise<Result> {
  try {
    const reply = parseReply(await ask(turns));
    const passed = passes(reply);
    const given = reply.command ? `it answered with ${reply.command.name}` : reply.problem;
    return { exercise: name, passed, problem: passed ? null : given };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof RunError) throw thrown;
    return { exercise: name, passed: false, problem: messageOf(thrown) };
  }
}
