import { commandLine } from "../../base/process/command-line.js";
import { messageOf, RunError } from "../../errors.js";
import { createMask } from "../../base/mask.js";
import type { OpenServer } from "../../compose/server.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { DoctorEntry, DoctorContext } from "./check.js";
import { doctorChecks } from "./checks.js";

export type DoctorOptions = Pick<DoctorContext, "cwd" | "environment" | "live" | "signal"> & {
  load(): Promise<LoadedSettings>;
  open(loaded: LoadedSettings): Promise<OpenServer>;
};

/** `autogpt doctor`: every entry, and whether something that a run needs fails. */
export type Diagnosis = { entries: DoctorEntry[]; failed: boolean };

/** Looks at everything that a run needs. Where the settings cannot be read, only they are told. Never rejects. */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const entries = await lookAtAll(options).catch((thrown: unknown): DoctorEntry[] => [settingsFailed(thrown)]);
  return { entries, failed: entries.some(({ state }) => state === "fail") };
}

async function lookAtAll({ load, open, ...given }: DoctorOptions): Promise<DoctorEntry[]> {
  const loaded = await load();
  const { platform, version: nodeVersion } = process;
  const server = await open(loaded);
  const { settings } = loaded;
  const context: DoctorContext = { ...given, loaded, settings, server, platform, nodeVersion, now: new Date() };
  const entries = await Promise.all(doctorChecks.map((check) => lookAt(check, context)));
  const mask = createMask(loaded.secrets);
  return entries.filter((entry) => entry !== undefined).map((entry) => mask(entry));
}

async function lookAt(
  { id, look }: (typeof doctorChecks)[number],
  context: DoctorContext,
): Promise<DoctorEntry | undefined> {
  try {
    const finding = await look(context);
    return finding && { id, ...finding };
  } catch (thrown) {
    context.signal.throwIfAborted();
    const advice = thrown instanceof RunError ? thrown.advice : null;
    return { id, state: "fail", found: messageOf(thrown), advice: advice ?? "Correct what is named there." };
  }
}

const settingsFailed = (thrown: unknown): DoctorEntry => ({
  id: "settings",
  state: "fail",
  found: messageOf(thrown),
  advice: `Correct that setting, then run ${commandLine("doctor")} again: the other checks need the settings.`,
});

/** As lines for people, or as one JSON array. */
export function showDiagnosis({ entries }: Diagnosis, json: boolean): string {
  if (json) return JSON.stringify(entries, null, 2);
  return entries
    .map(({ state, id, found, advice }) => {
      const line = `${state.padEnd(5)} ${id.padEnd(11)} ${found}`;
      return advice === undefined || state === "ok" ? line : `${line}\n${" ".repeat(18)}→ ${advice}`;
    })
    .join("\n");
}
