import type { PermissionOption, PermissionOptionKind, ToolCallUpdate } from "@agentclientprotocol/sdk";
import type { ApprovalRule } from "../history/approval-rule.js";
import type { Question } from "../agent/question.js";
import type { Answer } from "../api/ask.js";
import { escapeLine } from "../base/escape.js";
import type { Client } from "./protocol.js";
import { asContent, kindOf, locationsOf, previewContent, titleOf } from "./shown/tool-call.js";

/** What a request for permission is sent by, and until when its answer counts. */
export type Asking = { client: Client; sessionId: string; signal: AbortSignal };

/** What the person chose; null where the editor cannot ask them, does not say, or has gone. */
async function chosen(
  { client, sessionId, signal }: Asking,
  toolCall: ToolCallUpdate,
  options: PermissionOption[],
): Promise<string | null> {
  try {
    const { outcome } = await client.request(
      "session/request_permission",
      { sessionId, toolCall, options },
      // Whoever shows the question takes it back where it was answered in another way.
      { cancellationSignal: signal, stopWaitingOnCancel: true },
    );
    return outcome.outcome === "selected" && options.some(({ optionId }) => optionId === outcome.optionId)
      ? outcome.optionId
      : null;
  } catch {
    return null;
  }
}

const option = (optionId: string, kind: PermissionOptionKind, name: string): PermissionOption => ({
  optionId,
  kind,
  name,
});

/** Asks whether a command may run. Where nobody can answer now, the run is to park. */
export async function askPermission(
  asking: Asking,
  question: Question,
  { toolCallId, workspace }: { toolCallId: string; workspace: string },
): Promise<Answer> {
  const { command, effect, unconfined, preview, rules, problem } = question;
  const notes = [...(problem === null ? [] : [problem]), ...(unconfined ? [`It ${effect}.`] : [])];
  const toolCall: ToolCallUpdate = {
    ...{ toolCallId, title: titleOf(command), kind: kindOf(command, effect), status: "pending" },
    ...{ locations: locationsOf(command, workspace), rawInput: command.args },
    content: [...notes.map(asContent), ...previewContent(preview, workspace)],
  };
  const answer = await chosen(asking, toolCall, [
    option("yes", "allow_once", "Allow"),
    ...(rules === null ? [] : [option("always", "allow_always", `Always allow ${rules.map(ruleText).join(", ")}`)]),
    option("deny", "reject_once", "Reject"),
  ]);
  if (answer === "yes" || answer === "always") return answer;
  return answer === "deny" ? { deny: "" } : "park";
}

const ruleText = ({ command, pattern }: ApprovalRule): string =>
  escapeLine(pattern === undefined || pattern === null ? command : `${command} ${String(pattern)}`);

let asked = 0;

/** Asks whether something of others may be used; no, where nobody can answer. */
export async function askTrust(asking: Asking, lines: readonly string[], question: string): Promise<boolean> {
  const toolCallId = `trust:${(asked += 1)}`;
  const title = escapeLine(question.replace(/\s*\(y\/n\)\?\s*$/, "?"));
  const { client, sessionId } = asking;
  const about = {
    toolCallId,
    title,
    kind: "other",
    status: "pending",
    content: [asContent(lines.join("\n"))],
  } as const;
  await client.notify("session/update", {
    sessionId,
    update: { sessionUpdate: "tool_call", ...about, content: [...about.content] },
  });
  const answer = await chosen(asking, { ...about, content: [...about.content] }, [
    option("trust", "allow_always", "I trust it, here and from now on"),
    option("no", "reject_once", "No"),
  ]);
  const status = answer === "trust" ? "completed" : "failed";
  await client
    .notify("session/update", { sessionId, update: { sessionUpdate: "tool_call_update", toolCallId, status } })
    .catch(() => undefined);
  return answer === "trust";
}
