import type { Act } from "./walk.js";

const times = (count: number, act: (index: number) => Act | Act[]): Act[] =>
  Array.from({ length: count }, (_, index) => act(index)).flat();
const two = (number: number): string => String(number).padStart(2, "0");

const read = (file: string, said: string): Act => ({ name: "read_file", args: { file }, said });
const write = (file: string, text: string): Act => ({
  ...{ name: "write_to_file", args: { file, text }, said: "File written to successfully.", changed: true },
});
const shell = (command_line: string, said: string, more: Partial<Act> = {}): Act => ({
  ...{ name: "execute_shell", args: { command_line }, said: `STDOUT:\n${said}`, changed: false, ...more },
});
const python = (file: string, said: string, more: Partial<Act> = {}): Act => ({
  ...{ name: "execute_python_file", args: { file }, said, changed: false, ...more },
});
const search = (input: string, said: string): Act => ({ name: "google", args: { input }, said });
const browse = (url: string, said: string): Act => ({ name: "browse_website", args: { url, question: "?" }, said });
const nothing: Act = { name: "do_nothing", said: "No action performed." };
const failed = (act: Act, said: string): Act => ({ ...act, ok: false, said: `Error: ${said}` });
const unavailable = (name: string, args = {}): Act => ({
  ...{ name, args, ok: false, outcome: "not-runnable" as const, said: `Unknown command '${name}'.` },
});
const refused = (name: string, args: Record<string, unknown>): Act => ({
  ...{ name, args, ok: false, outcome: "refused" as const, said: "Error: the user's rules do not allow this." },
});

/** Circles, each going on for twenty rounds; `within` is in how many rounds it is to be found. */
export const circles: Record<string, { acts: Act[]; round: number }> = {
  "a tool of a server writes what is there": {
    round: 1,
    acts: times(20, () => ({ name: "notes.add", args: { text: "x" }, said: "added", changed: true })),
  },
  "the same file is read": { round: 1, acts: times(20, () => read("a.txt", "hello")) },
  "nothing is done": { round: 1, acts: times(20, () => nothing) },
  "the same search finds nothing": { round: 1, acts: times(20, () => search("bicycles", "No results.")) },
  "the same page is read": { round: 1, acts: times(20, () => browse("http://a.example/", "A page.")) },
  "the same text is written": { round: 1, acts: times(20, () => ({ ...write("a", "b"), changed: false })) },
  "the same text is appended": {
    round: 1,
    acts: times(20, () => ({ ...write("log", "x"), name: "append_to_file" })),
  },
  "a program prints the time": {
    round: 1,
    acts: times(20, (at) => shell("date", `Sat Nov 28 10:${two(at)}:07 UTC 2026`)),
  },
  "a program prints ISO times": {
    round: 1,
    acts: times(20, (at) => shell("run", `at 2026-11-28T10:${two(at)}:00.123Z: ok`)),
  },
  "a program takes another time each time": {
    round: 1,
    acts: times(20, (at) => shell("pytest", `1 failed, 3 passed in 0.${two(at)}s`)),
  },
  "a program names a temporary file": {
    round: 1,
    acts: times(20, (at) => python("a.py", `wrote /tmp/tmp${at}ab${at}c/out.txt`)),
  },
  "a program prints an id": {
    round: 1,
    acts: times(20, (at) => python("a.py", `job 3f2504e0-4f89-11d3-9a0c-0305e82c33${two(at)} is lost`)),
  },
  "a program prints its address": {
    round: 1,
    acts: times(20, (at) => python("a.py", `<object at 0x7f3a2b${two(at)}>`)),
  },
  "a program prints its process": { round: 1, acts: times(20, (at) => shell("serve", `started, pid ${4_000 + at}`)) },
  "a program counts attempts": { round: 1, acts: times(20, (at) => shell("try", `Attempt ${at + 1}: nobody answers`)) },
  "arguments are in another order": {
    round: 1,
    acts: times(20, (at) => ({
      name: "browse_website",
      args: at % 2 === 0 ? { url: "u", question: "q" } : { question: "q", url: "u" },
      said: "A page.",
    })),
  },
  "white space differs": { round: 1, acts: times(20, (at) => shell("ls", `a  b${" ".repeat(at)}\n`)) },
  "a program changes a file and its content stays": {
    round: 1,
    acts: times(20, () => python("build.py", "built", { changed: true })),
  },
  "two files are read in turn": { round: 2, acts: times(20, () => [read("a", "one"), read("b", "two")]) },
  "a file is written to and fro": { round: 2, acts: times(20, () => [write("a", "x"), write("a", "y")]) },
  "a file is made and deleted": {
    round: 2,
    acts: times(20, () => [
      write("a", "x"),
      { name: "delete_file", args: { file: "a" }, said: "Deleted.", changed: true },
    ]),
  },
  "three pages in turn": {
    round: 3,
    acts: times(20, () => ["a", "b", "c"].map((page) => browse(`http://${page}.example/`, `page ${page}`))),
  },
  "search, page, notes, doubt": {
    round: 4,
    acts: times(20, () => [
      search("x", "1. http://a.example/"),
      browse("http://a.example/", "A"),
      { ...write("notes", "A"), changed: false },
      nothing,
    ]),
  },
  "five steps in turn, with times": {
    round: 5,
    acts: times(20, (at) => [
      read("a", "1"),
      read("b", "2"),
      shell("date", `10:${two(at)}:01`),
      shell("ls", "a b"),
      nothing,
    ]),
  },
  "eight steps in turn, with one that changes a file": {
    round: 8,
    acts: times(20, () => [
      ...["a", "b", "c"].map((file) => read(file, file)),
      write("out", "x"),
      ...["d", "e", "f"].map((file) => read(file, file)),
      write("out", "y"),
    ]),
  },
  "nothing is done to wait for what does not come": {
    round: 62,
    acts: times(80, () => ({ ...nothing, plan: "wait until the other program is done" })),
  },
  "the same program is mended with the same text and fails the same way": {
    round: 2,
    acts: times(20, () => [write("a.py", "x = 1"), failed(python("a.py", ""), "NameError: y is not defined")]),
  },
  "one error after the other, of different files": {
    round: 1,
    acts: times(80, (at) => failed(read(`file${at}.txt`, ""), `The file "file${at}.txt" does not exist.`)),
  },
  "three things in no order": {
    round: 3,
    acts: [0, 1, 2, 1, 0, 2, 2, 0, 1, 1, 2, 0, 2, 1, 0, 0, 2, 1, 1, 0, 2, 0, 1, 2, 2, 1, 0, 1, 2, 0].map((file) =>
      read(`${file}.txt`, `content ${file}`),
    ),
  },
  "a shell is asked for by other names": {
    round: 1,
    acts: times(9, (at) =>
      unavailable(["shell", "bash", "run_shell", "terminal", "execute"][at % 5] as string, { line: "ls" }),
    ),
  },
  "what is not there is asked for between other things": {
    round: 2,
    acts: times(20, (at) => [
      unavailable(["mail", "send_mail", "email"][at % 3] as string, { to: "a" }),
      read(`${at}`, `${at}`),
    ]),
  },
  "what the user does not allow is tried in other words": {
    round: 1,
    acts: times(40, (at) => refused("execute_shell", { command_line: `rm ${"-rf ".repeat(at)}x` })),
  },
  "other words, the same plan, nothing found": {
    round: 1,
    acts: times(80, (at) => ({ ...search(`bicycle ${at}`, "No results were found."), plan: "search for bicycles" })),
  },
};

/** Work that repeats itself and makes headway. */
export const honest: Record<string, Act[]> = {
  "a tool of a server adds to a file and says the same each time": times(20, (at) => ({
    ...{ name: "notes.add", args: { text: "x" }, said: "added", changed: true, digest: `as it is after ${at}` },
  })),
  "tests are run after each edit": times(20, (at) => [
    write("a.py", `x = ${at}`),
    failed(python("test.py", ""), "AssertionError"),
  ]),
  "the same tests, the same failure, other edits": times(20, (at) => [
    write("a.py", `y = ${at}`),
    shell("pytest -q", "1 failed in 0.1s"),
  ]),
  "fifty files get the same edit": times(50, (at) => write(`page${at}.html`, "<footer>")),
  "fifty files are read": times(50, (at) => read(`chapter${at}.txt`, `chapter ${at}`)),
  "fifty empty files are read": times(50, (at) => read(`empty${at}.txt`, "")),
  "a file is read piece by piece": times(30, (at) => ({
    ...{ name: "read_file", args: { file: "long.txt", offset: at * 1_000 }, said: `piece ${at}` },
  })),
  "lines are appended": times(40, (at) => ({ ...write("list.txt", `${at}`), name: "append_to_file" })),
  "a list is looked at after each file": times(20, (at) => [
    write(`${at}.txt`, `${at}`),
    {
      name: "search_files",
      args: { directory: "." },
      said: Array.from({ length: at + 1 }, (_, file) => `${file}.txt`).join("\n"),
    },
  ]),
  "git status after each commit": times(20, (at) => [
    write("a.txt", `${at}`),
    shell("git commit -am x", `[main ${(1_000_000 + at).toString(16)}] x`, { changed: true }),
    shell("git status", "nothing to commit, working tree clean"),
  ]),
  "a share grows": times(40, (at) => shell("progress", `${at} % done`)),
  "a number of files grows": times(40, (at) => shell("ls | wc -l", `${at}`)),
  "a size grows by one": times(40, (at) => shell("du out", `${at + 1} of 40 blocks`)),
  "a queue gets shorter": times(40, (at) => shell("queue", `${40 - at} jobs left`)),
  "a server says that it is at work": times(20, () => browse("http://ci.example/run/1", "Status: running")),
  "a build is waited for": times(25, () => shell("sleep 30; cat build.log", "compiling")),
  "a deployment is pending": times(20, () => shell("kubectl get pods", "web-1 Pending")),
  "a job of the run's own is at work": times(40, () => ({
    ...{ name: "job_output", args: { job: 1 }, said: "No new output.", busy: true },
  })),
  "a program of the run's own works for hours": times(400, () =>
    shell("sleep 60; tail -1 train.log", "epoch 1", { busy: true }),
  ),
  "what another program makes is waited for": times(25, () => [
    failed(read("done.flag", ""), 'There is no file "done.flag" in the workspace.'),
    { ...nothing, plan: "wait for done.flag" },
  ]),
  "nothing is done while a job is at work": times(20, () => ({ ...nothing, busy: true })),
  "a script takes the next part each time": times(40, (at) =>
    python("next.py", "done", { changed: true, digest: `${at}` }),
  ),
  "a generator is run, and its output looked at": times(20, (at) => [
    python("make.py", "made", { changed: true, digest: `made ${at}` }),
    shell("tail -1 out.csv", `row ${at * 7}`),
  ]),
  "pages of results": times(30, (at) => search(`bicycles page ${at}`, `results ${at}`)),
  "the same question to many pages": times(40, (at) => browse(`http://shop.example/${at}`, `price ${at * 3}`)),
  "many shops say that it is sold out": times(40, (at) => browse(`http://shop${at}.example/`, "Sold out.")),
  "links are checked": times(40, (at) => shell(`curl -sI http://a.example/${at}`, "HTTP/2 200")),
  "some links are broken": times(40, (at) =>
    at % 3 === 0
      ? failed(browse(`http://a.example/${at}`, ""), "404 Not Found")
      : browse(`http://a.example/${at}`, "ok"),
  ),
  "a helper is asked one thing after the other": times(20, (at) => ({
    ...{ name: "message_agent", args: { key: "0", message: `question ${at}` }, said: "I see." },
  })),
  "a helper is told to go on": times(20, (at) => ({
    ...{ name: "message_agent", args: { key: "0", message: "continue" }, said: `paragraph ${at * 2}: more text` },
  })),
  "images are made": times(20, (at) => ({
    ...{ name: "generate_image", args: { prompt: `a bicycle ${at}` }, said: "Saved to disk:x.png", changed: true },
  })),
  "two different failures in turn, with edits": times(20, (at) => [
    write("a", `${at}`),
    failed(shell("make", ""), at % 2 === 0 ? "no rule" : "no compiler"),
  ]),
  "a file is moved through forms": times(15, (at) => [
    shell(`convert ${at}.png ${at}.jpg`, "", { changed: true, digest: `${at}` }),
    shell(`rm ${at}.png`, "", { changed: true, digest: `${at}b` }),
  ]),
  "the same two files are compared after each change": times(20, (at) => [
    write("b.txt", `${at}`),
    read("a.txt", "the model"),
    read("b.txt", `${at}`),
  ]),
  "a model writes and reads back": times(20, (at) => [write(`n${at}`, `v${at}`), read(`n${at}`, `v${at}`)]),
  "a few failures, then another way": [
    ...times(4, (at) => failed(shell(`install${at}`, ""), "not found")),
    shell("which python3", "/usr/bin/python3"),
    ...times(4, (at) => failed(shell(`other${at}`, ""), "not found")),
    shell("ok", "ok"),
  ],
  "two looks at the same": times(10, (at) => [read(`${at}`, "x"), read(`${at}`, "x")]),
  "a file is looked at twice after each edit": times(20, (at) => [write("a", `${at}`), read("b", "b"), read("b", "b")]),
  "three files are read again after the history was cut": [
    ...times(3, (at) => read(`${at}`, `${at}`)),
    ...times(20, (at) => write(`w${at}`, `${at}`)),
    ...times(3, (at) => read(`${at}`, `${at}`)),
  ],
  "once more through all notes": [
    ...times(8, (at) => read(`${at}`, `${at}`)),
    ...times(8, (at) => read(`${at}`, `${at}`)),
  ],
  "a flaky test is run twice": times(15, (at) => [
    write("a", `${at}`),
    shell("pytest", "1 failed in 0.1s"),
    shell("pytest", "1 failed in 0.2s"),
  ]),
  "a counter file is incremented by a program": times(30, (at) =>
    python("count.py", "ok", { changed: true, digest: `${at}` }),
  ),
  "logs with times and new lines": times(30, (at) => shell("tail -3 log", `10:00:${two(at)} line ${at * 11}`)),
  "prices move": times(30, (at) => browse("http://exchange.example/", `EUR 1.${two(at)}`)),
  "temperatures are measured": times(30, (at) => python("measure.py", `${20 + at / 10} degrees`)),
  "a table is filled row by row": times(40, (at) => ({ ...write("t.csv", `row,${at}`), name: "append_to_file" })),
  "one unknown command, then known ones": [unavailable("fly"), ...times(20, (at) => write(`${at}`, `${at}`))],
  "three unknown commands over a long time": times(3, (at) => [
    unavailable(`fly${at}`, { to: at }),
    ...times(10, (step) => write(`${at}-${step}`, "x")),
  ]),
  "one refusal, then another way": [
    refused("execute_shell", { command_line: "rm x" }),
    ...times(20, (at) => write(`${at}`, "x")),
  ],
  "refusals now and then": times(6, (at) => [
    refused("delete_file", { file: `${at}` }),
    ...times(3, (step) => write(`${at}-${step}`, "x")),
  ]),
  "the user steers each step": times(20, () => ({ ...nothing, outcome: "feedback", said: "Human feedback: go on" })),
  "the user says something in between": times(10, () => [
    read("a", "a"),
    read("a", "a"),
    { ...nothing, outcome: "feedback", said: "Human feedback: look once more" },
  ]),
  "the plan stays the same over many steps": times(30, (at) => ({
    ...write(`${at}`, `${at}`),
    plan: "write all files",
  })),
  "the same plan, other finds": times(30, (at) => ({ ...search(`x${at}`, `result ${at}`), plan: "search" })),
  "some searches find nothing": times(30, (at) => search(`x${at}`, at % 3 === 0 ? "No results." : `result ${at}`)),
  "translations of one text": times(20, (at) => ({ ...write(`text.${at}`, "…"), name: "write_to_file" })),
  "a file is downloaded in parts": times(20, (at) => ({
    ...{
      name: "download_file",
      args: { url: `http://a.example/${at}`, file: `${at}` },
      said: "Downloaded.",
      changed: true,
    },
  })),
  "code is improved over and over": times(20, (at) => ({
    ...{ name: "improve_code", args: { suggestions: ["faster"], code: `v${at}` }, said: `v${at + 1}` },
  })),
  "a test of chance is repeated": times(20, (at) => python("dice.py", `rolled ${((at * 5) % 6) + 1}, sum ${at * 4}`)),
  "one step back and forth twice": times(2, () => [write("a", "x"), write("a", "y")]),
  "a program needs several starts": times(30, (at) =>
    shell("./migrate", `migrated table t${at}`, { changed: true, digest: `${at}` }),
  ),
  "a page changes its time and its news": times(20, (at) =>
    browse("http://news.example/", `10:${two(at)} headline ${at * 3}`),
  ),
  "hashes of many files": times(30, (at) => shell(`sha1sum ${at}`, `${"ab12".repeat(10)}  ${at}`)),
};
