import { join } from "node:path";
import type { OwnFiles } from "./create-code.js";
import type { Settings } from "./settings/schema.js";
import { openWorkspace, type Workspace } from "./workspace/workspace.js";

/** Files that settings are read from and our own state: no command may touch them, wherever the workspace lies. */
export const ownFiles = (settings: Settings, folder: string): OwnFiles => ({
  forbidden: [
    settings.home,
    settings.aiSettingsFile,
    settings.azureConfigFile,
    ...(settings.modelCatalog === undefined ? [] : [settings.modelCatalog]),
    ...[".env", "azure.yaml"].map((name) => join(folder, name)),
  ],
  // The same directly in the workspace, wherever the program was started: another run may have been started there.
  isForbiddenName: (name) =>
    ["azure.yaml", ".autogpt", ".env"].includes(name) || (name.startsWith(".env.") && name !== ".env.template"),
});

/** The workspace of a run; temporary files are kept outside it, in the run's own folder. */
export const workspaceOf = (settings: Settings, root: string, folder: string, temporary: string): Promise<Workspace> =>
  openWorkspace({ root, ...ownFiles(settings, folder), temporaryDirectory: temporary });
