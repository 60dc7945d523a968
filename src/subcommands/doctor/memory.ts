import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../errors.js";
import { openMemory } from "../../memory/open-memory.js";
import { readAiSettings } from "../../settings/ai-settings.js";
import type { Check } from "./check.js";

/** Whether the memory that is set can be opened. Nothing in it is changed. */
export const memoryCheck: Check = {
  id: "memory",
  async look({ settings }) {
    const backend = settings.memoryBackend;
    const directory = join(settings.home, "memory");
    try {
      await mkdir(directory, { recursive: true });
      const ai = await readAiSettings(settings.aiSettingsFile);
      const warnings: string[] = [];
      const memory = await openMemory(backend, {
        directory,
        index: settings.memoryIndex,
        aiName: ai?.aiName ?? "doctor",
        embeddingModel: settings.embeddingModel,
        embed: () => Promise.reject(new Error("the doctor embeds nothing")),
        warn: (text) => void warnings.push(text),
        wipe: false,
      });
      await memory.close();
      if (warnings.length > 0) return { state: "warn", found: warnings.join(" ") };
      return { state: "ok", found: backend === "local" ? `local, in ${directory}` : backend };
    } catch (thrown) {
      const fixes = [{ setting: "MEMORY_BACKEND=no_memory" }];
      return {
        state: "fail",
        found: messageOf(thrown),
        advice: "Put that right, or set MEMORY_BACKEND=no_memory.",
        fixes,
      };
    }
  },
};
