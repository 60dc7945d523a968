import assert from "node:assert/strict";
import test from "node:test";
import { eventsOfType } from "../../support/program.js";
import type { RecordedRequest } from "../../support/services/fake-open-ai.js";
import { cutAfter, scriptedWorld } from "../support/scripted-world.js";

type Called = [name: string, args: object];

/** An answer with calls, in the form of the API that was asked. */
const calling = ({ responses }: RecordedRequest, ...calls: Called[]) => ({
  body: responses
    ? {
        ...{ object: "response", status: "completed" },
        output: calls.map(([name, args]) => ({
          type: "function_call",
          call_id: name,
          name,
          arguments: JSON.stringify(args),
        })),
      }
    : {
        choices: [
          {
            message: {
              content: null,
              tool_calls: calls.map(([name, args], index) => ({
                ...{ index, id: name, type: "function", function: { name, arguments: JSON.stringify(args) } },
              })),
            },
            finish_reason: "tool_calls",
          },
        ],
      },
});

for (const api of ["chat", "responses"]) {
  test(`a model that does not keep the form is given tools by ${api}, and its calls are the run's commands, after a resume too`, async (t) => {
    const chat = (request: RecordedRequest) => {
      if (request.body?.["tools"] === undefined) return "I would write the note now, shall I?";
      const turn = request.body.messages.filter(({ role }) => role === "assistant").length;
      if (turn === 2)
        return calling(request, ["write_to_file", { file: "a.txt", text: "one" }], ["read_file", { file: "a.txt" }]);
      return calling(request, ["task_complete", { reason: "done" }]);
    };
    const world = await scriptedWorld(t, chat, { env: { OPENAI_API: api } });
    const { code, stderr } = await world.run(["-c", "-y", "-l", "8"]);
    assert.equal(code, 0, stderr);
    const commands = async () =>
      eventsOfType(await world.journal(), "step-end").map(({ command, outcome }) => command?.name ?? outcome);
    const expected = ["not-understood", "not-understood", "write_to_file", "task_complete"];
    assert.deepEqual(await commands(), expected);
    assert.equal(await world.file("a.txt"), "one");
    assert.match(world.messages(3).at(-1)?.content ?? "", /only the first was carried out, 1 other not/);
    assert.doesNotMatch(world.messages(1).at(-1)?.content ?? "", /tool/);
    await cutAfter(world, (event) => event.type === "step-end" && event.step === 3);
    assert.equal((await world.run(["--resume", "-y"])).code, 0);
    assert.deepEqual(await commands(), expected);
    const sent = world.server.chatRequests().map(({ body }) => body?.["tools"] !== undefined);
    assert.deepEqual(sent, [false, false, true, true, true]);
  });
}
