import { parentPort } from "node:worker_threads";
import { createKernel } from "../../vectors/kernel.js";
import { answerBlocks, noBlocks, type AskedBlocks } from "./shared-blocks.js";

// The program of the thread that scoring-thread.ts starts.
const held = noBlocks(createKernel);
parentPort?.on("message", (asked: AskedBlocks) => parentPort?.postMessage(answerBlocks(held, asked)));
