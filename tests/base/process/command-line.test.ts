import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLine, type Started } from "../../../src/base/process/command-line.js";

const typed = (script: string | undefined, more: Partial<Started> = {}): string =>
  commandLine("--resume", { script, environment: {}, cwd: "/home/ada/job", platform: "linux", ...more });

test("a message names the program as it was started", () => {
  const npx = { npm_command: "exec", npm_lifecycle_event: "npx" };
  assert.equal(typed("/usr/local/bin/autogpt"), "autogpt --resume");
  assert.equal(typed("/home/ada/.npm/_npx/1/node_modules/.bin/autogpt", { environment: npx }), "npx autogpt --resume");
  assert.equal(typed("/home/ada/job/bin/autogpt.js", { environment: npx }), "npx autogpt --resume");
  assert.equal(typed("/home/ada/job/node_modules/.bin/autogpt"), "npx autogpt --resume");
  assert.equal(
    typed("/home/ada/job/bin/autogpt.js", { environment: { npm_command: "start", npm_package_name: "autogpt" } }),
    "npx autogpt --resume",
  );
  const pnpm = { npm_command: "exec", npm_config_user_agent: "pnpm/10.1.0 npm/? node/v24.0.0" };
  assert.equal(typed("/home/ada/job/node_modules/.bin/autogpt", { environment: pnpm }), "pnpm exec autogpt --resume");
  assert.equal(typed("/home/ada/job/bin/autogpt.js"), "node bin/autogpt.js --resume");
  assert.equal(typed("/opt/my tools/bin/autogpt.js"), 'node "/opt/my tools/bin/autogpt.js" --resume');
  assert.equal(typed("/home/ada/job/autogpt.js", { cwd: null }), "node /home/ada/job/autogpt.js --resume");
});

test("a program of somebody else that imports the package, and whatever cannot be told, is autogpt", () => {
  assert.equal(typed("/home/ada/job/mine.mjs"), "autogpt --resume");
  assert.equal(typed("/home/ada/job/mine.mjs", { environment: { npm_command: "exec" } }), "autogpt --resume");
  assert.equal(typed(undefined), "autogpt --resume");
});

test("npm's links on Windows start the script: the global one is autogpt, a project's own one needs npx", () => {
  const windows = { platform: "win32", cwd: "C:\\job" } as const;
  assert.equal(
    typed("C:\\Users\\ada\\AppData\\Roaming\\npm\\node_modules\\autogpt\\bin\\autogpt.js", windows),
    "autogpt --resume",
  );
  assert.equal(typed("C:\\job\\node_modules\\autogpt\\bin\\autogpt.js", windows), "npx autogpt --resume");
});
