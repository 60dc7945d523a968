import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { temporaryFolder } from "../support/program.js";

test(
  "a process that computes without a pause ends with a parent that was killed",
  { skip: process.platform === "win32" },
  async (t) => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const folder = await temporaryFolder(t);
    const source = fileURLToPath(new URL("../../src/documents/end-with-parent.ts", import.meta.url));
    const busy = join(folder, "busy.mjs");
    await writeFile(
      busy,
      `import { connect } from "node:net"; import { endWithParent } from ${JSON.stringify(pathToFileURL(source).href)};
     endWithParent(); connect(${port}, "127.0.0.1", () => { for (;;); });`,
    );
    const parent = join(folder, "parent.mjs");
    const flags = JSON.stringify(process.execArgv);
    await writeFile(
      parent,
      `import { spawn } from "node:child_process"; spawn(process.execPath, [...${flags}, ${JSON.stringify(busy)}], { stdio: "ignore" }); setInterval(() => 0, 1000);`,
    );
    const child = spawn(process.execPath, [parent], { stdio: "ignore" });
    t.after(() => child.kill("SIGKILL"));
    const [socket] = (await once(server, "connection")) as [Socket];
    const closed = once(socket.on("error", () => undefined).resume(), "close");
    child.kill("SIGKILL");
    await closed;
    assert.ok(socket.destroyed);
  },
);
