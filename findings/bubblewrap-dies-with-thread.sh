#!/bin/bash
# bubblewrap 0.8.0 (Debian 12) started from a Node worker thread, Node 20.20.2, Linux 6, seen 2026-11-28.
#
# Seen: `bwrap --die-with-parent` is killed as soon as the worker *thread* that spawned it ends, though the Node process
# goes on, and though the child was spawned detached and unref'ed. Without that option, and from the main thread with
# it, the same command finishes. (The option is a death signal of the kernel, and to the kernel the parent is the
# thread that forked, not the process.)
#
# Guessed: "parent" is the process: Node documents a child process as the process's own, and everything else about it
# (exit event, pipes, process group) behaves so. An agent that starts its sandboxes from a pool of worker threads loses
# a long command whenever the pool retires an idle thread, with SIGKILL and no message: start sandboxes from the main
# thread, or keep the thread until they have ended.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
command -v bwrap >/dev/null || { apt-get update -qq && apt-get install -y -qq bubblewrap; } >/dev/null
cat > run.mjs <<'J'
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { Worker, isMainThread, workerData } from "node:worker_threads";
const start = ({ file, options }) =>
  spawn("bwrap", [...options, "--bind", "/", "/", "--dev", "/dev", "sh", "-c", `echo > ${file}.started; sleep 1; echo done > ${file}`], { stdio: "ignore", detached: true }).unref();
const until = async (path) => { while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20)); };
if (isMainThread) {
  const seen = {};
  for (const [name, thread, options] of [["main thread, --die-with-parent", false, ["--die-with-parent"]], ["worker thread, no option", true, []], ["worker thread, --die-with-parent", true, ["--die-with-parent"]]]) {
    const file = `${process.cwd()}/${name.replaceAll(/\W/g, "_")}`;
    if (thread) await once(new Worker(new URL(import.meta.url), { workerData: { file, options } }), "exit");
    else start({ file, options });
    await until(`${file}.started`);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    seen[name] = existsSync(file) ? "finished" : "was killed in the middle";
    console.log(`${name.padEnd(34)} the command ${seen[name]}`);
  }
  const expected = ["finished", "finished", "was killed in the middle"];
  if (Object.values(seen).join() !== expected.join()) { console.log("CHANGED"); process.exitCode = 1; }
} else {
  start(workerData);
  await until(`${workerData.file}.started`);
}
J
echo "$(bwrap --version), Node $(node --version), Linux $(uname -r | cut -d. -f1)"
node run.mjs
