import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgram, settingsFromFlags } from "../../src/settings/flags.js";
import { parseProgram } from "../../src/settings/parse-program.js";
import { declaredSettings, type Settings } from "../../src/settings/schema.js";

/** Parses as the program would, with a subcommand beside the main one. */
async function parse(...args: string[]): Promise<{ settings: Partial<Settings>; ran: string; printed: string }> {
  const seen = { settings: {} as Partial<Settings>, ran: "", printed: "" };
  const program = await createProgram("1.2.3", (text) => (seen.printed += text));
  let words: string[] = [];
  program.action((given: string[]) => {
    seen.ran = "agent";
    words = given;
  });
  program
    .command("demo")
    .option("--keep")
    .action(() => {
      seen.ran = "demo";
    });
  program
    .command("memory")
    .command("stats")
    .action(() => {
      seen.ran = "memory stats";
    });
  if ((await parseProgram(program, args)) === "ran") seen.settings = settingsFromFlags(program.opts(), words);
  return seen;
}

const refused = (message: RegExp | string) => ({ name: "SettingsError", reason: "settings", message });

test("reads every flag of the contract, long and short", async () => {
  const long = await parse(
    ...["--continuous", "--continuous-limit", "3", "--speak", "--debug", "--gpt3only", "--use-memory", "no_memory"],
    ...["--skip-reprompt", "--ai-settings", "a.yaml", "--workspace-directory", "w", "--ai-name", "N", "--ai-role", "R"],
    ...["--ai-goal", "a", "--ai-goal", "b: c", "--allow-downloads", "--browser-name", "edge", "--skip-news"],
    ...["--output-format", "stream-json", "--max-cost", "0.5", "--max-tokens", "500k", "--max-time", "5m"],
    ...["--resume", "run-1", "--wipe-memory", "--require-proof"],
  );
  assert.deepEqual(long.settings, {
    ...{ continuous: true, continuousLimit: 3, speak: true, debug: true, gpt3only: true, memoryBackend: "no_memory" },
    ...{ skipReprompt: true, aiSettingsFile: "a.yaml", workspaceDirectory: "w", aiName: "N", aiRole: "R" },
    ...{ aiGoals: ["a", "b: c"], allowDownloads: true, browserName: "edge", skipNews: true },
    ...{ outputFormat: "stream-json", maxCost: 0.5, maxTokens: 500_000, maxTime: 300 },
    ...{ resume: "run-1", wipeMemory: true, requireProof: true },
  });
  const short = await parse("-c", "-l", "3", "-m", "local", "-y", "-C", "a.yaml", "-w", "w", "-b", "chrome");
  assert.deepEqual(short.settings, {
    ...{ continuous: true, continuousLimit: 3, memoryBackend: "local", skipReprompt: true },
    ...{ aiSettingsFile: "a.yaml", workspaceDirectory: "w", browserName: "chrome" },
  });
  assert.deepEqual((await parse("--gpt4only")).settings, { gpt4only: true });
});

test("sets nothing that was not given", async () => {
  assert.deepEqual(await parse(), { settings: {}, ran: "agent", printed: "" });
});

test("takes --resume with and without a run", async () => {
  assert.deepEqual((await parse("--resume")).settings, { resume: true });
  assert.deepEqual((await parse("--resume", "-c")).settings, { resume: true, continuous: true });
  assert.deepEqual((await parse("--resume=run-7")).settings, { resume: "run-7" });
});

test("understands amounts and durations", async () => {
  const time = async (text: string) => (await parse("--max-time", text)).settings.maxTime;
  assert.deepEqual(await Promise.all(["90", "30s", "5m", "1h", "1.5H"].map(time)), [90, 30, 300, 3600, 5400]);
  const tokens = async (text: string) => (await parse("--max-tokens", text)).settings.maxTokens;
  assert.deepEqual(await Promise.all(["12000", "500k", "1m", "1.1k"].map(tokens)), [12_000, 500_000, 1_000_000, 1100]);
  assert.equal((await parse("--max-cost", "$1.50")).settings.maxCost, 1.5);
});

test("refuses limits that are no limits, naming the flag and what was expected", async () => {
  for (const [flag, ...values] of [
    ["--max-cost", "0", "-1", "", "much", "1e5", "NaN"],
    ["--max-tokens", "0", "-5", "1.5", "5g", ""],
    ["--max-time", "0s", "-1", "5d", "1h30m", ""],
    ["--continuous-limit", "0", "-3", "2.5", "five", ""],
    ["--output-format", "xml", ""],
    ["--ai-goal", " "],
  ] as const)
    for (const value of values)
      await assert.rejects(parse("-c", `${flag}=${value}`), refused(new RegExp(`^${flag} is .* but must be `)));
});

test("takes --continuous-limit only with --continuous, or when a run is resumed", async () => {
  await assert.rejects(parse("-l", "5"), refused("--continuous-limit can only be used with --continuous"));
  assert.deepEqual((await parse("-l", "5", "--resume")).settings, { continuousLimit: 5, resume: true });
});

test("refuses --gpt3only together with --gpt4only", async () => {
  await assert.rejects(parse("--gpt3only", "--gpt4only"), refused(/--gpt3only and --gpt4only/));
});

test("names the nearest flag or subcommand for one that does not exist", async () => {
  await assert.rejects(parse("--continous"), refused(/'--continous' \(Did you mean --continuous\?\)/));
  await assert.rejects(parse("demmo"), refused(/no subcommand "demmo"\. Did you mean demo\?/));
  await assert.rejects(parse("memory", "stat"), refused(/'stat' \(Did you mean stats\?\)/));
  await assert.rejects(parse("--max-cost"), refused(/--max-cost <USD>' argument missing/));
  await assert.rejects(parse("memory"), refused(/needs a subcommand/));
});

test("runs subcommands, with the main flags before or behind them", async () => {
  assert.deepEqual(await parse("demo", "--output-format", "json"), {
    ...{ ran: "demo", printed: "", settings: { outputFormat: "json" } },
  });
  assert.equal((await parse("memory", "stats")).ran, "memory stats");
});

test("prints the version, and help with every flag, without running anything", async () => {
  assert.deepEqual(await parse("--version"), { settings: {}, ran: "", printed: "1.2.3\n" });
  const { printed, ran } = await parse("--help");
  assert.equal(ran, "");
  for (const [, { flag }] of declaredSettings())
    for (const name of [flag?.long, flag?.short]) assert.ok(printed.includes(name ?? ""), name);
});

test("lets what an action throws through as it is", async () => {
  const program = await createProgram("1.2.3", () => undefined);
  const thrown = new Error("from the action");
  program.action(() => Promise.reject(thrown));
  await assert.rejects(parseProgram(program, []), thrown);
});

test("words without a flag are one goal, with other flags before or behind them; a word that is nearly a subcommand is not", async () => {
  assert.deepEqual((await parse("compare three bicycles")).settings, { aiGoals: ["compare three bicycles"] });
  assert.deepEqual((await parse("-c", "compare", "three", "bicycles", "--max-cost", "1")).settings, {
    ...{ continuous: true, maxCost: 1, aiGoals: ["compare three bicycles"] },
  });
  assert.deepEqual((await parse("first", "--ai-goal", "second")).settings, { aiGoals: ["first", "second"] });
  assert.deepEqual((await parse("--resume", "a run", "--debug")).settings, { resume: "a run", debug: true });
  await assert.rejects(parse("demoo", "now"), refused(/Did you mean demo\?/));
  await assert.rejects(parse("one goal", "--resume"), refused(/leave the goal out/));
  await assert.rejects(parse(" "), refused(/goal is empty/));
});

test("a flag that a subcommand has too is the subcommand's behind it, and the program's before it", async () => {
  const program = await createProgram("1.2.3", () => undefined);
  let seen: unknown;
  program
    .command("doctor")
    .option("--model", "exercises")
    .action((flags: unknown) => void (seen = flags));
  await parseProgram(program, ["--model", "big", "doctor", "--model"]);
  assert.deepEqual([seen, program.opts()["model"]], [{ model: true }, "big"]);
});
