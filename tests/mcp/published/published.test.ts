import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { validateJson } from "../../../src/base/json-schema/validate-json.js";
import { prepareCommand } from "../../../src/commands/prepare.js";
import { configuredServers } from "../../../src/mcp/named-servers.js";
import { pinnedCommands } from "../../../src/mcp/pinned-commands.js";
import { readPins } from "../../../src/mcp/pins.js";
import { trustFile } from "../../../src/settings/environment/trust-file.js";
import { scriptedWorld } from "../../end-to-end/support/scripted-world.js";
import { eventsOfType, long } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { configOf, installServers, publishedServers } from "./published-servers.js";
import { sampleOf } from "./sample-arguments.js";

const servers = Object.entries(publishedServers);
const done = reply("task_complete", { reason: "done" });

// They are 335 packages of the registry.
if (long)
  test("published servers are listed, called with right and wrong arguments, and journalled; every schema of theirs is understood", async (t) => {
    const calls = servers.flatMap(([name, { right, wrong }]) => [
      reply(`${name}.${right[0]}`, right[1]),
      reply(`${name}.${wrong[0]}`, wrong[1]),
    ]);
    const world = await scriptedWorld(t, [...calls, done]);
    const { folder } = world;
    const files = join(folder, "files");
    await mkdir(files);
    installServers(folder, Object.values(publishedServers));
    const named = Object.fromEntries(servers.map(([name, server]) => [name, configOf(folder, files, server)]));
    const rules = Object.fromEntries(servers.map(([name]) => [`${name}.*`, "always"]));
    const settings = join(folder, "ai_settings.yaml");
    const more = `mcpServers: ${JSON.stringify(named)}\napprove: ${JSON.stringify(rules)}\n`;
    await writeFile(settings, (await readFile(settings, "utf8")) + more);
    const environment = { HOME: folder, XDG_STATE_HOME: join(folder, "state") };
    const { code, stderr } = await world.run(["-c", "-l", "40", "--trust-extensions"], { env: environment });
    assert.equal(code, 0, stderr);
    for (const [name] of servers) assert.match(stderr, new RegExp(`The MCP server ${name} has \\d+ tools?\\.`));
    assert.doesNotMatch(stderr, /WARNING: the MCP server/);

    const ends = eventsOfType(await world.journal(), "step-end");
    servers.forEach(([name, { right, wrong }], index) => {
      const [told, refused] = ends.slice(2 * index, 2 * index + 2);
      assert.equal(told?.outcome, "ran", `${name}.${right[0]}: ${told?.result.text}`);
      assert.match(told?.result.text ?? "", right[2]);
      assert.deepEqual(
        [refused?.command?.name, refused?.outcome],
        [`${name}.${wrong[0]}`, "refused"],
        refused?.result.text,
      );
      assert.match(refused?.result.text ?? "", /the arguments do not fit, .*takes arguments by this JSON Schema: \{/s);
    });

    const { configs } = await configuredServers({ file: settings, servers: named as never }, () => undefined);
    const trust = { file: trustFile(environment) };
    const commands = new Map((await pinnedCommands(configs, trust)).map((command) => [command.name, command]));
    const tools = (await readPins(trust)).flatMap(({ tools: own }) => own ?? []);
    assert.ok(
      commands.size > 100 && tools.length === commands.size,
      `${commands.size} commands of ${tools.length} tools`,
    );
    for (const [name, command] of commands) assert.ok(prepareCommand(commands, { name, args: {} }).ok, command.name);
    const problems: string[] = [];
    // One after the other: each has a thread of its own, and a time limit.
    for (const { name, inputSchema } of tools) {
      const problem = await validateJson(JSON.stringify(sampleOf(inputSchema)), JSON.stringify(inputSchema));
      if (problem !== null) problems.push(`${name}: ${problem}`);
    }
    assert.deepEqual(
      problems.filter((line) => /schema/.test(line)),
      [],
    );
    const times = (await world.journal()).filter(({ type }) => type === "step-end").map(({ elapsedMs }) => elapsedMs);
    t.diagnostic(`steps ended at ${times.join(", ")} ms`);
    t.diagnostic(`${tools.length} tools; ${problems.length} samples that their schemas do not allow`);
  });
