import { openNoMemory } from "../../src/memory/none.js";
import { memoryContract } from "./contract.js";

memoryContract({ name: "no_memory", open: async () => openNoMemory(), place: async () => "", forgets: true });
