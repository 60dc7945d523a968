import { onInterruption } from "./console/interruption.js";
import { messageOf } from "./errors.js";
import { main } from "./main.js";

void start();

/** The program as a process: its arguments, environment, streams, signals and exit code. */
async function start(): Promise<void> {
  outliveOutputs();
  const interruption = onInterruption(() => process.exit(130));
  process.exitCode = await main(process.argv.slice(2), {
    cwd: process.cwd(),
    environment: process.env,
    streams: process,
    interruption,
  });
  interruption.release();
}

/** An output that is closed early (`autogpt | head`) or full does not end the run: only nobody sees it. */
function outliveOutputs(): void {
  let said = false;
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (said || error.code === "EPIPE") return;
    said = true;
    process.stderr.write(`Standard output cannot be written: ${messageOf(error)}. The journal has everything.\n`);
  });
}
