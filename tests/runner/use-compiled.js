import "./no-tracking.js";
import { register } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const compiled = new URL(import.meta.url).searchParams.get("compiled");
register("./compiled.js", import.meta.url, { data: { root, compiled } });
