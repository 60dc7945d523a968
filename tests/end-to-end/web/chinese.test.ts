import assert from "node:assert/strict";
import { test } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { html, startSite } from "../../support/services/site.js";
import { newestResult, scriptedWorld } from "../support/scripted-world.js";

const name = "我是GPT";
const role = "LangChain如何使用";
const goals = ["学习LangChain的基本概念", "写一个使用LangChain的例子", "总结并保存到文件", "所有的问题都用中文回答"];
const thought = "我需要先找到LangChain的文档，然后写出总结。";
const summary = "LangChain 是一个框架：提示、模型、链和代理。😀\n";

const emptyUrl =
  'Command browse_website returned: Error: the URL is empty. Give one such as "https://example.com/page".';
const found = {
  title: "LangChain 入门教程",
  href: encodeURI("https://langchain.example/入门"),
  body: "如何使用 LangChain：提示、模型和链。",
};
const searchPage = `<div class="result"><a class="result__a" href="${found.href}">${found.title}</a><a class="result__snippet">${found.body}</a></div>`;

test("the Chinese example runs on after an empty address, searches in Chinese, and everything is shown right", async (t) => {
  const site = await startSite(t, { "/html/": html(searchPage) });
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
    { ai: null, env: { DUCKDUCKGO_BASE_URL: site.url } },
  );
  const { code, stdout } = await world.run([], { input: [name, role, ...goals, "", "y -5", ""].join("\n") });

  assert.equal(code, 0);
  assert.equal(await world.file("总结.md"), summary);
  const system = world.messages(0)[0]?.content ?? "";
  assert.ok(system.startsWith(`You are ${name}, ${role}\n`));
  assert.ok(system.includes(`GOALS:\n\n${goals.map((goal, index) => `${index + 1}. ${goal}`).join("\n")}\n`));

  assert.ok(newestResult(world.messages(1)).includes(emptyUrl), newestResult(world.messages(1)));
  assert.ok(
    newestResult(world.messages(2)).includes(JSON.stringify([found], null, 4)),
    newestResult(world.messages(2)),
  );
  assert.equal(new URL(site.requests[0]?.path ?? "", site.url).searchParams.get("q"), "LangChain 使用方法");
  assert.match(newestResult(world.messages(3)), /Command write_to_file returned: File written to successfully\./);
  assert.ok(world.messages(3).some(({ content }) => content.includes("LangChain 使用方法")));

  const shown = [
    `${name} THOUGHTS: ${thought}`,
    "-  查找文档",
    "-  写总结",
    "REASONING: 网站地址是空的。",
    "CRITICISM: 应该更简短。",
  ];
  for (const text of [
    ...shown,
    '"file":"总结.md"',
    "😀",
    emptyUrl,
    found.title,
    found.body,
    "总结已经保存。",
    ...goals,
  ]) {
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
