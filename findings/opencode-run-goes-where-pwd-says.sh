#!/bin/bash
# opencode-ai 1.18.33 (its own binary), Node 20.20.2, seen 2026-11-30.
#
# Seen: a program starts `opencode run` with the working directory `wanted`, as any language does it (`spawn` with `cwd`), and the
# variable PWD still has the folder in which that program itself was started, `other`. opencode reads the configuration of `other`, asks
# the model of `other`, and works there: the prompt names `other` as its working directory. With PWD removed or set to `wanted` it is `wanted`.
#
# Guessed: the project of an agent is the directory its process is in. PWD is a note of a shell's for itself; whoever starts a program
# with another working directory has no reason to know it. An orchestrator that starts opencode for many checkouts so gets all of them
# worked on in its own folder, with its own model.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund opencode-ai@1.18.33 >/dev/null 2>&1
cat > run.mjs <<'J'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const here = realpathSync(".");
const asked = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (bytes) => (body += bytes));
  request.on("end", () => {
    const named = ["wanted", "other"].filter((name) => body.includes(`Working directory: ${join(here, name)}`));
    asked.push({ model: request.url.split("/")[1], named });
    response.writeHead(401, { "content-type": "application/json" }).end("{}");
  });
});
await once(server.listen(0, "127.0.0.1"), "listening");
for (const name of ["wanted", "other", "home"]) mkdirSync(name);
for (const name of ["wanted", "other"]) {
  const options = { baseURL: `http://127.0.0.1:${server.address().port}/${name}/v1`, apiKey: "none" };
  const provider = { local: { npm: "@ai-sdk/openai-compatible", name: "local", options, models: { m: { name: "m" } } } };
  const settings = { $schema: "https://opencode.ai/config.json", provider, model: "local/m" };
  writeFileSync(join(name, "opencode.json"), JSON.stringify(settings));
}
const program = join(here, "node_modules", ".bin", "opencode");
async function folderOf(pwd) {
  asked.length = 0;
  const { PWD: _, ...rest } = process.env;
  const env = { ...rest, HOME: join(here, "home"), ...(pwd === null ? {} : { PWD: join(here, pwd) }) };
  const child = spawn(program, ["run", "Say hi"], { cwd: join(here, "wanted"), env, stdio: "ignore" });
  await once(child, "exit");
  const models = [...new Set(asked.map(({ model }) => model))].join(" ");
  const named = [...new Set(asked.flatMap(({ named }) => named))].join(" ");
  console.log(`cwd wanted, PWD ${pwd ?? "not set"}: the model of "${models}" was asked, the prompt names "${named}"`);
  return `${models} ${named}`;
}
const seen = [await folderOf("other"), await folderOf("wanted"), await folderOf(null)];
server.close();
if (seen.join(", ") !== "other other, wanted wanted, wanted wanted") {
  console.log("This has changed.");
  process.exitCode = 1;
}
J
echo "opencode $(node_modules/.bin/opencode --version)"
node run.mjs
