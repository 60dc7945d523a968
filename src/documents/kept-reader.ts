import { fileURLToPath } from "node:url";
import { runKept } from "../base/process/kept-code.js";

// What stands in dist/ as document-reader.cjs: it runs document-reader.ts, which lies beside it.
runKept(fileURLToPath(new URL("./document-reader-code.cjs", import.meta.url)));
