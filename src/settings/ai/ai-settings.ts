import { readTextFile, replaceTextFile } from "../text-file.js";
import type { AiSettings, CheckShape } from "./ai.js";
import type { WrittenHook } from "./programs/hooks.js";
import type { NamedModule } from "./programs/extensions.js";
import type { WrittenMcp } from "./programs/servers.js";

/** The AI of the original, used where the user names no other. */
export const defaultAi: AiSettings = {
  aiName: "Entrepreneur-GPT",
  aiRole: "an AI designed to autonomously develop and run businesses with the sole goal of increasing your net worth.",
  goals: ["Increase net worth", "Grow Twitter Account", "Develop and manage multiple businesses autonomously"].map(
    (goal) => ({ goal, checks: [] }),
  ),
  apiBudget: undefined,
};

/** ai_settings.yaml, read once: its extensions, and, with the checks that goals may have then, who the AI is. */
export type AiSettingsFile = {
  extensions: readonly NamedModule[];
  /** What it says of MCP servers. */
  mcp: WrittenMcp;
  /** Programs of the user's that are run at moments of the run. */
  hooks: readonly WrittenHook[];
  /** Throws SettingsError naming file, line and what was expected. */
  read(checks: readonly CheckShape[]): AiSettings;
};

/** Opens ai_settings.yaml, which may be a pipe; null where there is no such file. Throws SettingsError. */
export async function openAiSettings(file: string): Promise<AiSettingsFile | null> {
  const text = await readTextFile(file, { pipe: true });
  return text === null ? null : aiSettingsFrom(text, file);
}

/** The same from a text; `file` is what messages call it. */
export async function aiSettingsFrom(text: string, file: string): Promise<AiSettingsFile> {
  const [{ parseAiSettings }, { parseExtensions }, { parseServers }, { parseHooks }] = await Promise.all([
    import("./parse.js"),
    import("./programs/extensions.js"),
    import("./programs/servers.js"),
    import("./programs/hooks.js"),
  ]);
  return {
    extensions: parseExtensions(text, file),
    mcp: parseServers(text, file),
    hooks: parseHooks(text, file),
    read: (checks) => parseAiSettings(text, file, checks, { loaded: true }),
  };
}

/**
 * The same for whoever needs no extensions: `checks` are those that goals may have, besides those of extensions, which
 * are taken as they are written. Throws SettingsError naming file, line and what was expected.
 */
export async function readAiSettings(file: string, checks: readonly CheckShape[]): Promise<AiSettings | null> {
  const text = await readTextFile(file, { pipe: true });
  if (text === null) return null;
  const { parseAiSettings } = await import("./parse.js");
  return parseAiSettings(text, file, checks);
}

/** Replaces ai_settings.yaml as a whole or not at all; comments and other keys of a file that is there stay. Throws SettingsError. */
export async function writeAiSettings(
  file: string,
  ai: Omit<AiSettings, "apiBudget" | "approve" | "protect" | "mustNot">,
  checks: readonly CheckShape[],
): Promise<void> {
  const before = (await readTextFile(file)) ?? "";
  const { renderAiSettings } = await import("./render.js");
  await replaceTextFile(file, renderAiSettings(before, file, ai, checks));
}
