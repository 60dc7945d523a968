import type { Foreseen } from "../../history/events/foreseen.js";
import { isSameState } from "../../history/events/foreseen.js";
import { stateOfContent } from "../../workspace/path-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { realPath } from "./file-content.js";

/** A file that will hold this content. */
export async function foreseeContent(
  workspace: Workspace,
  file: string,
  content: string | Uint8Array,
  answer: string,
): Promise<Foreseen> {
  const path = await realPath(workspace, file);
  const before = await workspace.state(path);
  const after = stateOfContent(content);
  return { paths: [{ path, before, after }], text: answer, changed: !isSameState(before, after) };
}
