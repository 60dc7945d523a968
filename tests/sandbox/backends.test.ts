import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { chooseSandbox, noSandbox, type ChooseOptions } from "../../src/sandbox/choose.js";
import { describeSandbox } from "../../src/sandbox/describe.js";
import { findSandboxRuntime, sandboxRuntime } from "../../src/sandbox/backends/sandbox-runtime.js";
import { processesWith } from "../support/processes.js";
import { protectionWith } from "../../src/protection/protection.js";
import { temporaryFolder } from "../support/program.js";
import { bubblewrap, needsPrograms, ripgrep, socat, systemPython } from "../support/services/services.js";
import { runIn } from "../support/sandboxes.js";

async function optionsOf(
  t: TestContext,
  changed: Partial<ChooseOptions> = {},
): Promise<ChooseOptions & { folder: string }> {
  // It mounts a /dev of its own over what lies there.
  const folder = await temporaryFolder(t, changed.wanted === "sandbox-runtime" ? "/var/tmp" : undefined);
  const workspace = join(folder, "workspace");
  await mkdir(workspace);
  return {
    folder,
    wanted: "auto",
    workspace,
    forbidden: [join(folder, ".env")],
    program: [],
    protection: protectionWith(),
    takenFolder: join(folder, "taken"),
    network: false,
    image: "python:3-alpine",
    cache: join(folder, "cache"),
    path: process.env["PATH"] ?? "",
    dockerEnvironment: {},
    ...changed,
  };
}

/** A docker that answers, notes what it was asked, and runs the program beside the container that it claims to be. */
async function stubDocker(folder: string, answers = ""): Promise<{ path: string; log: string }> {
  const log = join(folder, "docker.log");
  const script = `#!/bin/sh
echo "$@" >>${log}
${answers}
case $1 in
version) echo 27.0 ;;
image) [ "$5" = python:3-alpine ] ;;
kill) kill -9 -"$(cat ${folder}/pid)" ;;
run)
  while [ "$1" != python:3-alpine ]; do shift; done
  shift; cd ${folder}/workspace; sleep 1
  exec setsid -w sh -c 'echo $$ >${folder}/pid; exec "$@"' sh "$@" ;;
esac
`;
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin", "docker"), script);
  await chmod(join(folder, "bin", "docker"), 0o755);
  return { path: `${join(folder, "bin")}:/usr/bin:/bin`, log };
}

test("docker comes first where its engine answers and has the image; a container has no network, rights or keys", async (t) => {
  if (!(await needsPrograms(t, systemPython))) return;
  const options = await optionsOf(t);
  const { path, log } = await stubDocker(options.folder);
  const { sandbox } = await chooseSandbox("python", { ...options, path });
  assert.equal(sandbox?.backend, "docker");
  await writeFile(join(options.workspace, "main.py"), "import sys\nprint('in'); print('error', file=sys.stderr)\n");
  const ended = await runIn(sandbox, ["python3", "main.py"], { seconds: 0.9 });
  assert.deepEqual([ended.stdout, ended.stderr, ended.exitCode, ended.timedOut], ["in\n", "error\n", 0, false]);
  const run = (await readFile(log, "utf8")).split("\n").find((line) => line.startsWith("run "));
  for (const flag of [
    "--network none",
    "--pull never",
    "--read-only",
    "--cap-drop ALL",
    "--security-opt no-new-privileges",
    "--pids-limit 32",
    "--memory 536870912",
    `--volume ${options.workspace}:/workspace`,
  ])
    assert.ok(run?.includes(flag), `${flag} in ${run}`);
});

test("docker: a container that runs too long is killed by its name", async (t) => {
  const options = await optionsOf(t);
  const { path, log } = await stubDocker(options.folder);
  const { sandbox } = await chooseSandbox("shell", { ...options, path });
  assert.ok(sandbox);
  const ended = await runIn(sandbox, ["/bin/sh", "-c", "echo on; sleep 16.18"], { seconds: 1 });
  assert.deepEqual([ended.timedOut, ended.stdout], [true, "on\n"]);
  const lines = (await readFile(log, "utf8")).split("\n");
  const [, name] = /--name (\S+)/.exec(lines.find((line) => line.startsWith("run ")) ?? "") ?? [];
  assert.ok(lines.includes(`kill ${name}`), lines.join("\n"));
  assert.deepEqual(processesWith("sleep 16.18"), []);
});

test("docker that is not running, and a missing image, are named; nothing is pulled", async (t) => {
  const options = await optionsOf(t, { wanted: "docker" });
  const stopped = await stubDocker(options.folder, 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
  const choice = await chooseSandbox("python", { ...options, path: stopped.path });
  assert.deepEqual(choice, { sandbox: null, tried: [{ backend: "docker", problem: "Docker is not running" }] });
  const error = noSandbox("python", choice);
  assert.match(error.message, /docker: Docker is not running.*do not try again/);

  const other = await optionsOf(t, { wanted: "docker", image: "python:3.99" });
  const running = await stubDocker(other.folder);
  const { tried } = await chooseSandbox("python", { ...other, path: running.path });
  assert.match(tried[0]?.problem ?? "", /no image python:3\.99 \(docker pull python:3\.99\)/);
  assert.doesNotMatch(await readFile(running.log, "utf8"), /pull |run /);
});

test("a python3 in somebody's home is not used inside", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const options = await optionsOf(t, { wanted: "bubblewrap" });
  const bin = join(options.folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "python3"), "#!/bin/sh\necho mine\n", { mode: 0o755 });
  for (const program of ["bwrap", "sh"]) {
    await symlink(`/usr/bin/${program}`, join(bin, program));
  }
  const { sandbox, tried } = await chooseSandbox("python", { ...options, path: bin });
  assert.equal(sandbox, null);
  assert.match(tried[0]?.problem ?? "", /no python3 in the system's folders/);
  assert.equal((await chooseSandbox("shell", { ...options, path: bin })).sandbox?.backend, "bubblewrap");
});

test("auto falls back: Python to Pyodide, the shell to nothing that confines it; required never does", async (t) => {
  const options = await optionsOf(t, { path: "/nonexistent" });
  const python = await chooseSandbox("python", options);
  assert.equal(python.sandbox?.backend, "pyodide");
  const shell = await chooseSandbox("shell", options);
  assert.deepEqual([shell.sandbox?.backend, shell.sandbox?.confined], ["none", false]);
  assert.equal((await chooseSandbox("shell", { ...options, wanted: "required" })).sandbox, null);
  assert.equal((await chooseSandbox("python", { ...options, wanted: "required" })).sandbox?.backend, "pyodide");
});

test("the description names who confines what, and what stays open", async (t) => {
  const reports = await describeSandbox(await optionsOf(t, { path: "/nonexistent" }));
  assert.deepEqual(
    reports.map(({ capability, backend, confined }) => [capability, backend, confined]),
    [
      ["python", "pyodide", true],
      ["shell", "none", false],
    ],
  );
  assert.match(reports[0]?.gaps.join(" ") ?? "", /permission model/);
  assert.match(reports[1]?.protects ?? "", /Nothing is confined/);
  assert.ok(reports[1]?.tried.some(({ backend }) => backend === "bubblewrap"));
});

test("sandbox-runtime, where it is installed: homes and our files are closed, so is what is not a named host", async (t) => {
  if (!(await needsPrograms(t, bubblewrap, socat, ripgrep))) return;
  const options = await optionsOf(t, { wanted: "sandbox-runtime", network: ["allowed.example"] });
  await writeFile(join(options.folder, ".env"), "KEY=planted\n");
  const runtime = await findSandboxRuntime();
  assert.ok(typeof runtime !== "string", String(runtime));
  const sandbox = sandboxRuntime({ ...options, runtime, hidden: options.forbidden, hosts: ["allowed.example"] });
  t.after(() => sandbox.close?.());
  let connections = 0;
  const server = createServer((socket) => ((connections += 1), socket.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const connect = `import socket; socket.create_connection(("127.0.0.1", ${port}), 2)`;
  const line = `echo "written 'here'" >a.txt; cat a.txt; cat ../.env; ls /root /home; echo x >../pwned; python3 -c '${connect}' 2>&1 | tail -1`;
  const ended = await runIn(sandbox, ["/bin/sh", "-c", line]);
  assert.match(ended.stdout, /^written 'here'\n/, JSON.stringify(ended));
  assert.doesNotMatch(ended.stdout + ended.stderr, /planted/);
  assert.equal(connections, 0);
  await assert.rejects(readFile(join(options.folder, "pwned")), { code: "ENOENT" });
  const slow = await runIn(sandbox, ["/bin/sh", "-c", "sleep 14.14"], { seconds: 1 });
  assert.equal(slow.timedOut, true);
  assert.deepEqual(processesWith("sleep 14.14"), []);
});
