// Loaded with `--require` into a program that is measured: at its exit it writes what it used to the file AUTOGPT_BENCH_USED. An import, or Node's file
// system as an ES module, would make an empty Node several megabytes larger.
const { readFileSync, writeFileSync } = require("node:fs");

const file = process.env["AUTOGPT_BENCH_USED"] ?? "";
process.on("exit", () => {
  let status = "";
  try {
    status = readFileSync("/proc/self/status", "utf8");
  } catch {
    // Another system.
  }
  writeFileSync(file, JSON.stringify({ ...process.resourceUsage(), status }));
});
