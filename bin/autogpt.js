#!/usr/bin/env node
import { readFileSync } from "node:fs";

if (process.argv.length === 3 && process.argv[2] === "--version") {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.write(`${version}\n`);
} else {
  const { default: nodeModule } = await import("node:module");
  nodeModule.enableCompileCache?.();
  await import("../dist/cli.js");
}
