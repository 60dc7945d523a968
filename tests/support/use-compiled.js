import { register } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
register("./compiled.js", import.meta.url, { data: { root, compiled: process.env.AUTOGPT_COMPILED_TESTS } });
