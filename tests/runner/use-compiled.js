import "./no-tracking.js";
import { register } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// Most of what tests run is over before it pays to compile it for speed: that is done nine times later than by itself.
setFlagsFromString("--interrupt-budget=600000");

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const compiled = new URL(import.meta.url).searchParams.get("compiled") ?? "";

// The runner and the tests need no hooks: they run what is compiled. Those that tests start run sources.
const [, program = ""] = process.argv;
if (!process.execArgv.includes("--test") && !program.startsWith(compiled + sep))
  register("./compiled.js", import.meta.url, { data: { root, compiled } });
