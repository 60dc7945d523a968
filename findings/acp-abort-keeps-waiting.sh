#!/bin/bash
# @agentclientprotocol/sdk 2.4.0, seen 2026-11-28.
#
# Seen: an agent asks the editor for permission and gives the request an AbortSignal (`cancellationSignal`). Aborted, the
# signal sends `$/cancel_request` to the editor, and the request goes on waiting: an editor that never answers, or one
# that answers only later, holds the agent for ever. Only with `stopWaitingOnCancel: true` beside it is the request
# rejected, at once.
#
# Guessed: a signal ends what it was given to, as in fetch, child_process, timers/promises and the MCP client. An agent
# that stops a step by its signal stands still at the first open question, and no time limit of the library's frees it.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @agentclientprotocol/sdk@2.4.0 zod@4.6.7 >/dev/null 2>&1
cat > run.mjs <<'J'
import * as acp from "@agentclientprotocol/sdk";
console.log(`Node ${process.version}`);
const { agent, client } = acp.methods;
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const permission = {
  sessionId: "one",
  toolCall: { toolCallId: "call" },
  options: [{ optionId: "yes", name: "Yes", kind: "allow_once" }],
};
for (const stopWaitingOnCancel of [false, true]) {
  const [there, back] = [new TransformStream(), new TransformStream()];
  let seen;
  const told = new Promise((resolve) => (seen = resolve));
  acp
    .agent({ name: "agent" })
    .onRequest(agent.initialize, () => ({ protocolVersion: acp.PROTOCOL_VERSION, agentCapabilities: {} }))
    .onRequest(agent.session.new, () => ({ sessionId: "one" }))
    .onRequest(agent.session.prompt, async ({ client: peer }) => {
      const controller = new AbortController();
      const asked = peer.request(client.session.requestPermission, permission, {
        cancellationSignal: controller.signal,
        ...(stopWaitingOnCancel && { stopWaitingOnCancel }),
      });
      await told;
      controller.abort();
      const outcome = await Promise.race([asked.then(() => "answered", () => "rejected"), later(3000, "still waiting")]);
      console.log(`stopWaitingOnCancel ${stopWaitingOnCancel}: 3 s after the abort: ${outcome}`);
      const expected = stopWaitingOnCancel ? "rejected" : "still waiting";
      if (outcome !== expected) { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; }
      return { stopReason: "cancelled" };
    })
    .connect(acp.ndJsonStream(there.writable, back.readable));
  const editor = acp
    .client({ name: "editor" })
    .onNotification(client.session.update, () => {})
    .onRequest(client.session.requestPermission, () => { seen(); return new Promise(() => {}); })
    .connect(acp.ndJsonStream(back.writable, there.readable));
  await editor.agent.request(agent.initialize, { protocolVersion: acp.PROTOCOL_VERSION, clientCapabilities: {} });
  await editor.agent.request(agent.session.new, { cwd: process.cwd(), mcpServers: [] });
  await editor.agent.request(agent.session.prompt, { sessionId: "one", prompt: [{ type: "text", text: "go" }] });
}
process.exit();
J
node run.mjs
