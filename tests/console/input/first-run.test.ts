import assert from "node:assert/strict";
import { test } from "node:test";
import { askForAi, welcome } from "../../../src/console/input/first-run.js";

/** Somebody who types these lines, then ends the input; remembers what was asked and said. */
function typing(...lines: string[]) {
  const [asked, said]: [string[], string[]] = [[], []];
  return {
    ...{ asked, said, lines },
    ask: async (question: string): Promise<string | null> => {
      asked.push(question);
      return lines.shift() ?? null;
    },
    say: (line: string): void => {
      said.push(line);
    },
  };
}
const plain = (...goals: string[]) => goals.map((goal) => ({ goal, checks: [] }));

test("asks for name, role and goals to an empty line, and reads nothing else", async () => {
  const user = typing(" 我是GPT ", "LangChain如何使用", "a", "b: c", "", "y -5");
  assert.deepEqual(await askForAi(user), {
    ...{ aiName: "我是GPT", aiRole: "LangChain如何使用", goals: plain("a", "b: c"), apiBudget: undefined },
  });
  assert.deepEqual(user.lines, ["y -5"]);
  assert.deepEqual(user.asked, ["AI Name: ", "我是GPT is: ", "Goal 1: ", "Goal 2: ", "Goal 3: "]);
});

test("asks for no sixth goal", async () => {
  const user = typing("N", "R", "1", "2", "3", "4", "5", "y");
  assert.deepEqual((await askForAi(user)).goals, plain("1", "2", "3", "4", "5"));
  assert.deepEqual(user.lines, ["y"]);
});

test("pitfall 85: empty answers take the defaults, the whole role among them", async () => {
  assert.deepEqual(await askForAi(typing("", " ", "")), {
    aiName: "Entrepreneur-GPT",
    aiRole:
      "an AI designed to autonomously develop and run businesses with the sole goal of increasing your net worth.",
    goals: plain("Increase net worth", "Grow Twitter Account", "Develop and manage multiple businesses autonomously"),
    apiBudget: undefined,
  });
});

test("pitfall 86: the end of input before there is a goal is an error that says what to do", async () => {
  for (const lines of [[], ["N"], ["N", "R"]])
    await assert.rejects(askForAi(typing(...lines)), {
      name: "SettingsError",
      message: /nothing was saved.*--ai-goal/,
    });
});

test("the end of input after a goal closes the list", async () => {
  assert.deepEqual((await askForAi(typing("N", "R", "only"))).goals, plain("only"));
});

test("goes on with the last AI unless the answer is n", async () => {
  const ai = { aiName: "Researcher", aiRole: "R", goals: plain("a", "b"), apiBudget: undefined };
  for (const answer of ["y", "", "yes", "no", "x"]) assert.equal(await welcome(typing(answer), ai), true, answer);
  for (const answer of ["n", "N", " n "]) assert.equal(await welcome(typing(answer), ai), false, answer);
  const silent = typing();
  assert.equal(await welcome(silent, ai), true);
  assert.deepEqual(silent.asked, ["Continue (y/n): "]);
  assert.match(silent.said.join("\n"), /Researcher.*\n.*R\n.*a; b/s);
});
