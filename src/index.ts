/** What `import … from "autogpt"` gives; docs/api.md tells what of it is promised. */
export { run, type RunOptions } from "./api/run.js";
