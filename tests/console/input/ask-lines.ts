import { openUserInput } from "../../../src/console/input/open-input.js";

// Asks as many questions as its argument says, with a wait before each, and prints the answers; then has nothing to do.
const lines = openUserInput(process.stdin, process.stderr);
for (let left = Number(process.argv[2]); left > 0; left -= 1) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.stdout.write(`${JSON.stringify(await lines.ask(`Question ${left}? `))}\n`);
}
