import type { OpenServer } from "../../compose/server.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Settings } from "../../settings/schema.js";

/** How to correct what an entry names: a shell command, or a line for `.env`, usable as it is. */
export type Fix = { command: string } | { setting: string };

/** `fail`: the run needs it and has not got it. `warn`: something is missing that the run can do without. */
export type Finding = { state: "ok" | "warn" | "fail"; found: string; advice?: string; fixes?: readonly Fix[] };

export type DoctorEntry = Finding & { id: string };

/** What the checks look at. */
export type DoctorContext = {
  loaded: LoadedSettings;
  settings: Settings;
  cwd: string;
  server: OpenServer;
  /** PATH and what else a program needs to start, without the user's keys. */
  environment: Readonly<Record<string, string>>;
  platform: NodeJS.Platform;
  nodeVersion: string;
  now: Date;
  /** Real requests may be made, which cost something. */
  live: boolean;
  signal: AbortSignal;
};

/** One thing to look at. A new one is one file, and one line in `checks.ts`. */
export type DoctorCheck = {
  id: string;
  /** What was found, or undefined where there is nothing to say. A thrown error becomes a `fail` with its message. */
  look(context: DoctorContext): Promise<Finding | undefined>;
};
