import { aiFileNames } from "../ai/example.js";
import * as z from "zod";
import { setting } from "../setting.js";
import { number, size, text, truth } from "../value-types.js";

const files = "Files and folders";
const commands = "What commands may do";

/** Which files and folders there are, and what commands may touch. */
export const folderSettings = {
  aiSettingsFile: setting({
    group: files,
    environment: ["AI_SETTINGS_FILE"],
    flag: { long: "--ai-settings", short: "-C", argument: "FILE" },
    type: text("a file name"),
    path: true,
    above: aiFileNames,
    default: "ai_settings.yaml",
    help: "File with the AI's name, role and goals; as a flag it implies -y",
  }),
  workspaceDirectory: setting({
    group: files,
    flag: { long: "--workspace-directory", short: "-w", argument: "DIR" },
    type: text("a folder"),
    path: true,
    default: "workspace",
    help: "The only folder in which commands read and write",
  }),
  home: setting({
    group: files,
    environment: ["AUTOGPT_HOME"],
    type: text("a folder"),
    path: true,
    above: [".autogpt"],
    default: ".autogpt",
    help: "Folder for journals and memory, out of the commands' reach",
  }),
  snapshots: setting({
    group: files,
    environment: ["SNAPSHOTS"],
    type: truth(),
    default: true,
    help: "Keep what commands change in the workspace, so that autogpt undo can put it back",
  }),
  snapshotDays: setting({
    group: files,
    environment: ["SNAPSHOT_DAYS"],
    type: number(1, 3650),
    default: 30,
    help: "Days for which it is kept",
  }),
  snapshotLimit: setting({
    group: files,
    environment: ["SNAPSHOT_LIMIT"],
    type: size(),
    default: "2G",
    help: "Room that it may take for all runs of a folder; the oldest goes first",
  }),
  cassette: setting({
    group: files,
    environment: ["CASSETTE"],
    type: truth(),
    default: true,
    help: "Keep what came into a run from outside beside its journal, so that autogpt replay can run it again offline",
  }),
  cassetteLimit: setting({
    group: files,
    environment: ["CASSETTE_LIMIT"],
    type: size(),
    default: "200M",
    help: "Room that it may take for one run; what comes after that is not kept",
  }),
  restrictToWorkspace: setting({
    group: commands,
    environment: ["RESTRICT_TO_WORKSPACE"],
    type: truth()
      .pipe(z.literal(true))
      .describe(
        "True: commands never leave the workspace, there is no other mode (remove the setting, or set it to True)",
      ),
    default: true,
    help: "Commands stay in the workspace; always True",
  }),
  executeLocalCommands: setting({
    group: commands,
    environment: ["EXECUTE_LOCAL_COMMANDS"],
    type: truth(),
    default: false,
    help: "Shell commands may be run, in a sandbox where there is one",
  }),
  trustFolder: setting({
    group: commands,
    flag: { long: "--trust-folder" },
    type: truth(),
    default: false,
    help: "Trust what is in a workspace that was cloned or belongs to another user, AGENTS.md and skills included",
  }),
  trustExtensions: setting({
    group: commands,
    flag: { long: "--trust-extensions" },
    type: truth(),
    default: false,
    help: "Trust the extensions, MCP servers and hooks that the settings name, as they are now",
  }),
  allowDownloads: setting({
    group: commands,
    flag: { long: "--allow-downloads" },
    type: truth(),
    default: false,
    help: "Files may be downloaded into the workspace",
  }),
};
