import assert from "node:assert/strict";
import { test } from "node:test";
import type { Recalled } from "../../../src/memory/memory.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld } from "../support/scripted-world.js";

const notes = [
  "仓库扫描枪的密码由赵强每季度更换一次。",
  "测试服务器每周日凌晨四点重启。",
  "自然博物馆每逢星期一闭馆。",
  "疫苗必须在零下二十度以下保存。",
  "客户数据库的备份需要四十分钟。",
  "机械臂抓不住两公斤以上的零件。",
];
/** The note that each asks for. */
const questions: Record<string, number> = {
  谁负责换扫描枪的密码: 0,
  测试服务器什么时候会重启: 1,
  博物馆哪天不开门: 2,
  保存疫苗的温度: 3,
  备份客户数据要花多长时间: 4,
  机械臂能承受的重量: 5,
};

test("EMBEDDING_PROVIDER=local: Chinese notes are found by Chinese questions, and a later run is shown the right one", async (t) => {
  const world = await scriptedWorld(
    t,
    [
      ...notes.map((string) => reply("memory_add", { string })),
      reply("task_complete", { reason: "done" }),
      reply("task_complete", { reason: "done" }),
    ],
    { ai: { goals: ["说出测试服务器什么时候重启"] }, env: { MEMORY_BACKEND: "local", EMBEDDING_PROVIDER: "local" } },
  );
  assert.equal((await world.run(["-c"])).code, 0);
  for (const [question, note] of Object.entries(questions)) {
    const { stdout } = await world.run(["memory", "search", question, "-k", "20", "--json"]);
    const found = (JSON.parse(stdout) as Recalled[]).filter(({ source }) => source.kind === "note");
    assert.equal(found[0]?.text, notes[note], question);
  }
  const asked = world.server.requests.length;
  assert.equal((await world.run(["-c"])).code, 0);
  const shown = world.messages(asked).at(-1)?.content ?? "";
  assert.ok(shown.includes(notes[1] ?? "?"), shown);
});
