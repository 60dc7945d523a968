import { parentPort } from "node:worker_threads";
import { createAnswering, type AskedBlocks } from "./shared-blocks.js";

// The program of the thread that scoring-thread.ts starts.
const answer = createAnswering();
parentPort?.on("message", (asked: AskedBlocks) => parentPort?.postMessage(answer(asked)));
