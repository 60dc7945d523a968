import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { eventsOfType, journalOf, runProgram, temporaryFolder, writeAi } from "../../support/program.js";

// What is loaded late must also be found in the bundle, where CommonJS packages look different.

test("a .env file is read, byte order mark and Windows line ends included", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startFakeOpenAi({ chat: [reply("task_complete", { reason: "done" })] });
  t.after(() => server.close());
  await writeAi(folder);
  await writeFile(
    join(folder, ".env"),
    `\ufeffOPENAI_API_BASE_URL=${server.url}\r\nMEMORY_BACKEND=no_memory\r\nSMART_LLM_MODEL="from-the-file"\r\n`,
  );
  const { code, stderr } = await runProgram({ cwd: folder, args: ["-c", "-y"] });
  assert.equal(code, 0, stderr);
  assert.equal(eventsOfType(await journalOf(folder), "run-start")[0]?.model.smart, "from-the-file");
});

test("files in other encodings are read as text (pitfall 52)", async (t) => {
  const folder = await temporaryFolder(t);
  const names = ["latin.txt", "japanese.txt"];
  const server = await startFakeOpenAi({
    chat: [...names.map((file) => reply("read_file", { file })), reply("task_complete", { reason: "done" })],
  });
  t.after(() => server.close());
  await writeAi(folder);
  await mkdir(join(folder, "workspace"));
  await writeFile(
    join(folder, "workspace", "latin.txt"),
    Buffer.from("Der Bär läuft über die Straße. Größe: fünf Fuß.", "latin1"),
  );
  const japanese = Buffer.from(
    "93fa967b8cea82cc83658358836782c582b7814282b182cc837483408343838b82cd95b68e9a836583588367977082c582b78142",
    "hex",
  );
  await writeFile(join(folder, "workspace", "japanese.txt"), japanese);
  const { code, stderr } = await runProgram({
    cwd: folder,
    args: ["-c", "-y", "-m", "no_memory"],
    env: { OPENAI_API_BASE_URL: server.url },
  });
  assert.equal(code, 0, stderr);
  const [latin, shiftJis] = eventsOfType(await journalOf(folder), "step-end").map(({ result }) => result.text);
  assert.match(latin ?? "", /Der Bär läuft über die Straße/);
  assert.match(shiftJis ?? "", /日本語のテストです。このファイルは文字テスト用です。/);
});
