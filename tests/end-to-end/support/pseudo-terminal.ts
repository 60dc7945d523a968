import type { ProgramOptions, Running } from "../../support/program.js";
import { terminalScreen, type TerminalScreen, type TerminalSize } from "./terminal-screen.js";

/**
 * Runs a program on a terminal of the size in its first argument (`60x24`). What comes on standard input is typed there,
 * but for a line `NUL resize 80x24`, which sets another size. How many bytes were typed so far stands on standard error.
 */
const script = `
import fcntl, os, pty, re, select, signal, struct, sys, termios
def resize(size):
    columns, rows = map(int, size.split("x"))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
start, started = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    os.read(start, 1)
    os.execvp(sys.argv[2], sys.argv[2:])
resize(sys.argv[1])
os.write(started, b"x")
sources = [fd, 0]
count = 0
while True:
    for source in select.select(sources, [], [])[0]:
        try: data = os.read(source, 65536)
        except OSError: data = b""
        if source == fd and not data: sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        if not data: sources.remove(0)
        elif source == fd: os.write(1, data)
        else:
            for size in re.findall(rb"\\0resize (\\w+)\\n", data): resize(size.decode())
            typed = re.sub(rb"\\0resize \\w+\\n", b"", data)
            if typed: os.write(fd, typed)
            count += len(typed)
            os.write(2, b"typed %d;" % count)
`;

const written = ({ columns, rows }: TerminalSize): string => `${columns}x${rows}`;

/** A program on a pseudo-terminal, and what it shows there. */
export type OnTerminal = {
  screen: TerminalScreen;
  running: Running;
  /** Resolves once the terminal has it, whether the program has read it or not. */
  type(text: string): Promise<void>;
  resize(size: TerminalSize): void;
  /** Resolves once what is shown satisfies this; rejects when the program has ended and it does not. */
  shows(is: (screen: TerminalScreen) => boolean): Promise<void>;
  /** Resolves to the program's exit code once all it wrote is shown. */
  ended: Promise<number | null>;
};

/** Starts a program on a pseudo-terminal of this size: `start` is that of a world, or startProgram with a folder. */
export function onTerminal(
  start: (args: readonly string[], given: Omit<ProgramOptions, "cwd" | "args">) => Running,
  command: readonly string[],
  size: TerminalSize,
  env: Record<string, string> = {},
): OnTerminal {
  const screen = terminalScreen(size);
  const running = start([script, written(size), ...command], {
    node: "python3",
    program: "-c",
    openInput: true,
    env: { TERM: "xterm-256color", ...env },
  });
  const watchers = new Set<() => void>();
  let shown = Promise.resolve();
  running.child.stdout?.on("data", (bytes: string) => {
    shown = shown.then(() => screen.write(bytes)).then(() => watchers.forEach((watch) => watch()));
  });
  let wanted = 0;
  const typed = (): number => Number(/.*typed (\d+);/s.exec(errors)?.[1] ?? 0);
  let errors = "";
  running.child.stderr?.on("data", (text: string) => {
    errors += text;
    watchers.forEach((watch) => watch());
  });
  const until = (is: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!is()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      void ended.then(() => {
        if (watchers.delete(look)) reject(new Error(`ended before that:\n${screen.lines().join("\n")}`));
      });
    });
  const ended = running.ended.then(async ({ code }) => {
    await shown;
    return code;
  });
  return {
    screen,
    running,
    ended,
    type(text) {
      const whole = (wanted += Buffer.byteLength(text));
      running.child.stdin?.write(text);
      return until(() => typed() >= whole);
    },
    resize(to) {
      screen.resize(to);
      running.child.stdin?.write(`\0resize ${written(to)}\n`);
    },
    shows: (is) => until(() => is(screen)),
  };
}
