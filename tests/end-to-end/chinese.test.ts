import assert from "node:assert/strict";
import { test } from "node:test";
import { reply } from "../support/fake-open-ai.js";
import { eventsOfType } from "../support/program.js";
import { newestResult, scriptedWorld } from "./scripted-world.js";

const name = "我是GPT";
const role = "LangChain如何使用";
const goals = ["学习LangChain的基本概念", "写一个使用LangChain的例子", "总结并保存到文件", "所有的问题都用中文回答"];
const thought = "我需要先找到LangChain的文档，然后写出总结。";
const summary = "LangChain 是一个框架：提示、模型、链和代理。😀\n";

const unknown = (command: string): string =>
  `Command ${command} returned: Unknown command '${command}'. Please refer to the 'COMMANDS' list for available commands and only respond in the specified JSON format.`;

test("the Chinese example runs on after two commands that do not exist, and everything is shown right", async (t) => {
  const world = await scriptedWorld(
    t,
    [
      reply(
        "browse_website",
        { url: "", question: "LangChain如何使用" },
        { text: thought, plan: "- 查找文档\n- 写总结" },
      ),
      reply("google", { input: "LangChain 使用方法" }, { reasoning: "网站地址是空的。" }),
      reply("write_to_file", { file: "总结.md", text: summary }, { criticism: "应该更简短。" }),
      reply("task_complete", { reason: "总结已经保存。" }),
    ],
    { ai: null },
  );
  const { code, stdout } = await world.run([], { input: [name, role, ...goals, "", "y -5", ""].join("\n") });

  assert.equal(code, 0);
  assert.equal(await world.file("总结.md"), summary);
  const system = world.messages(0)[0]?.content ?? "";
  assert.ok(system.startsWith(`You are ${name}, ${role}\n`));
  assert.ok(system.includes(`GOALS:\n\n${goals.map((goal, index) => `${index + 1}. ${goal}`).join("\n")}\n`));

  assert.equal(newestResult(world.messages(1)), unknown("browse_website"));
  assert.equal(newestResult(world.messages(2)), unknown("google"));
  assert.match(newestResult(world.messages(3)), /Command write_to_file returned: File written to successfully\./);
  assert.ok(world.messages(3).some(({ content }) => content.includes("LangChain 使用方法")));

  const shown = [
    `${name} THOUGHTS: ${thought}`,
    "-  查找文档",
    "-  写总结",
    "REASONING: 网站地址是空的。",
    "CRITICISM: 应该更简短。",
  ];
  for (const text of [...shown, '"file":"总结.md"', "😀", unknown("google"), "总结已经保存。", ...goals]) {
    assert.ok(stdout.includes(text), `${text} is shown in:\n${stdout}`);
  }
  assert.doesNotMatch(stdout, /\ufffd/);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual([start?.aiName, start?.aiRole, start?.goals], [name, role, goals]);
});

test("a Chinese answer that arrives in pieces of single bytes is read whole", async (t) => {
  const world = await scriptedWorld(t, [reply("do_nothing"), reply("task_complete")]);
  const running = world.start(["-y"], { openInput: true });
  await running.says("Input:");
  for (const byte of Buffer.from("请用中文回答\n")) running.child.stdin?.write(Buffer.from([byte]));
  await running.says("Human feedback: 请用中文回答");
  running.child.stdin?.end("y\n");
  assert.equal((await running.ended).code, 0);
  assert.equal(newestResult(world.messages(1)), "Human feedback: 请用中文回答");
});
