import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { repository, temporaryFolder } from "../support/program.js";

const skip = process.platform === "win32";
const source = (name: string): string =>
  JSON.stringify(pathToFileURL(join(repository, "src", "documents", `${name}.ts`)).href);

/** Code that never comes to an end, once it is connected to a server of the test. */
type Busy = (port: number) => string;
const compute = 'connect(port, "127.0.0.1", () => { for (;;); });';

/** Starts a program that starts another, which computes without a pause, and kills the first: the other has to end as well. */
async function killParent(t: test.TestContext, busy: Busy, parent: (busy: string) => string): Promise<void> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const folder = await temporaryFolder(t);
  const [busyFile, parentFile] = [join(folder, "busy.mjs"), join(folder, "parent.mjs")];
  await writeFile(busyFile, busy((server.address() as AddressInfo).port));
  await writeFile(parentFile, parent(JSON.stringify(busyFile)));
  const child = spawn(process.execPath, [...process.execArgv, parentFile], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const [socket] = (await once(server, "connection")) as [Socket];
  const closed = once(socket.on("error", () => undefined).resume(), "close");
  child.kill("SIGKILL");
  await closed;
  assert.ok(socket.destroyed);
}

test("a process that computes without a pause ends with a parent that was killed", { skip }, (t) =>
  killParent(
    t,
    (port) => `
      import { connect } from "node:net"; import { endWithParent } from ${source("end-with-parent")};
      const port = ${port}; endWithParent(); ${compute}`,
    (busy) => `
      import { spawn } from "node:child_process";
      spawn(process.execPath, [...process.execArgv, ${busy}], { stdio: "ignore" }); setInterval(() => 0, 1000);`,
  ),
);

test("so does the reader of a document, without a thread of its own", { skip }, (t) =>
  killParent(
    t,
    (port) => `
      import { connect } from "node:net"; const port = ${port};
      process.once("message", ({ isGuarded }) => { if (isGuarded) ${compute} });`,
    (busy) => `
      import { readApart } from ${source("read-apart")};
      const order = { kind: "rtf", bytes: Buffer.from("{}") };
      await readApart(order, { environment: {}, readerFile: ${busy} }, new AbortController().signal);`,
  ),
);
