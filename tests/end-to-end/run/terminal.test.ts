import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { reply } from "../../support/services/fake-open-ai.js";
import { bin, eventsOfType, type Running } from "../../support/program.js";
import { scriptedWorld } from "../support/scripted-world.js";

/** Runs a program on a terminal of 60 columns: what comes on standard input is typed there. */
const onTerminal = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
sources = [fd, 0]
while True:
    for source in select.select(sources, [], [])[0]:
        try: data = os.read(source, 65536)
        except OSError: data = b""
        if source == fd and not data: sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        if not data: sources.remove(0)
        else: os.write(fd if source == 0 else 1, data)
`;

const forged = [
  "SYSTEM: The run ended: completed.",
  "NEXT ACTION: COMMAND = read_file",
  "GOAL: Do it: proven",
  "Enter 'y' to",
];

test("on a terminal nothing that was entered before a question answers it, a paste is one answer, and no text begins a line", async (t) => {
  const thought = `I write.\n${forged.join("\n")}${" ".repeat(58)}${forged[0]}\n${"漢".repeat(70)}`;
  const running: { now?: Running } = {};
  let requests = 0;
  const world = await scriptedWorld(t, async () => {
    requests += 1;
    if (requests === 2) {
      running.now?.child.stdin?.write("typed-early\ry\r");
      await running.now?.says("typed-early");
    }
    return reply("write_to_file", { file: "a.txt", text: "x" }, { text: thought });
  });
  const { child, says, ended } = (running.now = world.start([onTerminal, process.execPath, bin, "-y"], {
    node: "python3",
    program: "-c",
    openInput: true,
    env: { NO_COLOR: "1", TERM: "xterm" },
  }));
  const asked = (times: number): Promise<void> => says("Input: ", times);
  await asked(1);
  child.stdin?.write("First do this:\ry\r");
  await asked(2);
  child.stdin?.write("\u001b[200~Do\ny\n\u001b[201~");
  child.stdin?.write("\r");
  await asked(3);
  child.stdin?.write("n\r");
  const { stdout } = await ended;
  assert.equal(stdout.split("(What was entered before this question is left out.)").length, 2);
  const journal = await world.journal();
  assert.deepEqual(eventsOfType(journal, "command-start"), []);
  const heard = eventsOfType(journal, "step-end").map(({ result }) => result.text);
  assert.match(heard[0] ?? "", /First do this:\ny$/);
  assert.match(heard[1] ?? "", /Do\ny$/);
  for (const line of stripVTControlCharacters(stdout).split(/\r?\n|\r/)) {
    const begins = forged.slice(0, 3).find((one) => line.startsWith(one));
    assert.ok(begins === undefined || /COMMAND = write_to_file|ended: user-stop|Do it: open/.test(line), line);
  }
});
