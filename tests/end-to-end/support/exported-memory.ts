import assert from "node:assert/strict";
import type { MemorySource } from "../../../src/memory/memory.js";
import type { World } from "./scripted-world.js";

/** Where the records of a world's memory come from, as `autogpt memory export` has them. */
export async function exportedMemory(world: World): Promise<MemorySource[]> {
  const { code, stdout, stderr } = await world.run(["memory", "export"]);
  assert.equal(code, 0, stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { source: MemorySource }).source);
}
