import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { problemWithLine, type ShellRules } from "../../src/commands/code/shell/rules.js";
import { eventsOfType, temporaryFolder } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { bubblewrap, needsPrograms } from "../support/services/services.js";
import { scriptedWorld } from "../end-to-end/support/scripted-world.js";

const rules = (control: "allowlist" | "denylist", names: string[], builtIn = false): ShellRules => ({
  control,
  names,
  builtIn,
  namesOf: async (program) => (program === "linked" ? ["touch"] : []),
});
const allow = rules("allowlist", [
  "echo",
  "ls",
  "sort",
  "cat",
  "env",
  "xargs",
  "printf",
  "time",
  "sh",
  "command",
  "test",
]);
const readers = rules("allowlist", ["sort", "shuf", "uniq", "xxd", "tree", "file", "iconv", "find"]);
const deny = rules("denylist", ["touch", "sudo"]);

for (const line of [
  "echo hi",
  "ls | sort",
  "ls -la; echo done",
  "ls && echo yes || echo no",
  "echo one\necho two",
  "echo $(ls) `ls`",
  "(ls; echo sub)",
  "for name in a b; do echo $name; done",
  "if ls; then echo yes; fi",
  "ls 2>&1 >/dev/null",
  "echo 'a; touch x' \"b && touch y\"",
  "! ls",
  "time ls",
  "env ls",
  "ls | xargs echo",
  "sh -c 'ls | sort'",
]) {
  test(`allowed where every command in it is: ${JSON.stringify(line)}`, async () => {
    assert.equal(await problemWithLine(line, allow), null);
  });
}

/** Each would make the file `pwned`, by one way or another. */
const bypasses = [
  "ls; touch pwned",
  "ls && touch pwned",
  "ls || touch pwned; touch pwned",
  "ls | touch pwned",
  "ls & touch pwned",
  "ls\ntouch pwned",
  "echo $(touch pwned)",
  "echo `touch pwned`",
  'echo "$(touch pwned)"',
  'echo "`touch pwned`"',
  "echo > pwned",
  "echo >> pwned",
  "echo >| pwned",
  "echo 3<> pwned",
  "ls > pwned",
  "/usr/bin/./touch pwned",
  "/bin/touch pwned",
  "./x",
  "X=1 touch pwned",
  "PATH=. ls",
  "LD_PRELOAD=./x.so ls",
  'to""uch pwned',
  "to'u'ch pwned",
  "tou\\ch pwned",
  "\\touch pwned",
  "to\\\nuch pwned",
  "$'touch' pwned",
  "a=touch; $a pwned",
  "$(echo touch) pwned",
  "{touch,pwned}",
  "t?uch pwned",
  "touc[h] pwned",
  "env touch pwned",
  "env -i touch pwned",
  "env A=1 touch pwned",
  "command touch pwned",
  "command -p touch pwned",
  "builtin eval touch pwned",
  "eval touch pwned",
  "exec touch pwned",
  "nohup touch pwned",
  "time touch pwned",
  "time -p touch pwned",
  "nice touch pwned",
  "setsid touch pwned",
  "timeout 5 touch pwned",
  "echo pwned | xargs touch",
  "echo pwned | xargs -n1 touch",
  "echo touch pwned | xargs env",
  "echo touch pwned | xargs nice",
  "echo -maxdepth 0 -exec touch pwned ';' | xargs find .",
  "sh -c 'touch pwned'",
  'sh -c "touch pwned"',
  "sh -c 'sh -c \"touch pwned\"'",
  "sh -ec 'touch pwned'",
  "echo 'touch pwned' | sh",
  "sh < x",
  "sh x",
  ". ./x",
  "source ./x",
  "find . -maxdepth 0 -exec touch pwned ';'",
  "trap 'touch pwned' EXIT",
  "alias ls=touch\nls pwned",
  "ls() { touch pwned; }; ls",
  "if true; then touch pwned; fi",
  "while touch pwned; do break; done",
  "case x in x) touch pwned;; esac",
  "(touch pwned)",
  "{ touch pwned; }",
  "! touch pwned",
  "echo $((`touch pwned` 1))",
  "echo ${x:-$(touch pwned)}",
  "echo ${x:=`touch pwned`}",
  "cat <<E\n$(touch pwned)\nE",
  "cat <<< $(touch pwned)",
  "cat <(touch pwned)",
  "printf -v 'a[$(touch pwned)]' x",
  "test -v 'a[$(touch pwned)]'",
  "export X=$(touch pwned)",
  "ls |& touch pwned",
  "coproc touch pwned",
  "ls;\ttouch pwned",
  "ls\r\ntouch pwned",
  "ls #\ntouch pwned",
  'python3 -c \'open("pwned", "w")\'',
  "perl -e 'open(F, \">pwned\")'",
  "awk 'BEGIN { system(\"touch pwned\") }'",
  "awk 'BEGIN { print > \"pwned\" }'",
  "awk 'BEGIN { system(\"touch pwned\") } #.x'",
  "echo | sed '1e touch pwned\n#.x'",
  "busybox touch pwned",
  "linked pwned",
];

/** By programs that not every machine has, and files that would have to be there. */
const otherWays = [
  "arch touch pwned",
  "linux64 touch pwned",
  "setarch x86_64 touch pwned",
  "fakeroot touch pwned",
  "ld-linux-x86-64.so.2 /usr/bin/touch pwned",
  "unknown-wrapper --some option touch pwned",
  "unknown-wrapper to''uch pwned",
  "unknown-wrapper --run=/usr/bin/TOUCH pwned",
  "unknown-wrapper 'cd x; touch pwned'",
  "unknown-wrapper sh -c 'a=tou; ${a}ch pwned'",
  "tar cf /dev/null --to-command='touch pwned' x",
  "tar cf /dev/null --checkpoint=1 --checkpoint-act=exec='touch pwned' x",
  "tar cIf 'touch pwned' /dev/null x",
  "tar -c -f/dev/null -I 'to\\uch pwned' x",
  "zip -T -TT 'touch pwned' x.zip x",
  "rsync -e 'touch pwned' x y:",
  "git -c alias.x='!touch pwned' x",
  "git config alias.x y",
  "git bisect run touch pwned",
  "git grep --open-files-in-pager='touch pwned' x",
  "make -f x",
  "vim -c '!touch pwned' -c q",
  "ed x",
  "m4 x",
  "dc -e '!touch pwned'",
  "man -P 'touch pwned' ls",
  "sqlite3 :memory: '.shell touch pwned'",
  "split --filter='touch pwned' x",
  "sort --compress-prog=touch x",
];

for (const line of [...bypasses, ...otherWays]) {
  test(`CVE-2024-1881, CVE-2024-6091, pitfall 64: refused by both lists: ${JSON.stringify(line)}`, async () => {
    assert.notEqual(await problemWithLine(line, allow), null, "allowlist");
    // Without touch in it, a redirection, a path and a variable are refused all the same.
    assert.notEqual(await problemWithLine(line, deny), null, "denylist");
  });
}

/** Allowed are programs that only read; these make them write. */
for (const line of [
  "sort -o pwned x",
  "sort -opwned x",
  "sort -uo pwned x",
  "sort --output=pwned x",
  "sort --outp pwned x",
  "sort -k 1 -o pwned x",
  "sort x -o pwned",
  "for o in -opwned; do sort $o x; done",
  "sort -S 1M --compress-program=ls x",
  "shuf -e a -o pwned",
  "uniq x pwned",
  "uniq -c x pwned",
  "xxd x pwned",
  "xxd -l 10 x pwned",
  "tree -o pwned",
  "file -C -m pwned",
  "iconv -t utf-8 -o pwned x",
  "find . -fprint pwned",
  "find . -maxdepth 0 -fls pwned",
]) {
  test(`an allowlist refuses options that write or run: ${JSON.stringify(line)}`, async () => {
    assert.notEqual(await problemWithLine(line, readers), null);
  });
}

for (const line of [
  "sort -t o -k 2 x",
  "sort -to x",
  "sort -- -o",
  "uniq -f 1 x",
  "xxd -l 10 x",
  "find . -name '*.o' -print",
  "shuf -n 3 x",
  "sort --key=2 x",
]) {
  test(`an allowlist lets other options pass: ${JSON.stringify(line)}`, async () => {
    assert.equal(await problemWithLine(line, readers), null);
  });
}

for (const line of [
  "grep -rn touch .",
  "echo please touch the screen",
  "ls touch.txt touched",
  "git log --oneline",
  "python3 x.py touchscreen",
  "tar czf a.tar.gz x",
  "cat touch",
]) {
  test(`a denylist lets pass what cannot run a refused name: ${JSON.stringify(line)}`, async () => {
    assert.equal(await problemWithLine(line, deny), null);
  });
}

for (const line of [
  "ls 'a",
  "ls |",
  "ls &&",
  "if ls",
  "echo $(ls",
  "(ls",
  "ls )",
  "ls\u0000",
  "ls\u00a0x",
  "echo \ud800 | |",
]) {
  test(`what cannot be parsed is refused: ${JSON.stringify(line)}`, async () => {
    assert.notEqual(await problemWithLine(line, allow), null);
    assert.notEqual(await problemWithLine(line, deny), null);
  });
}

test("what a list lets pass makes no file when the system's shells run it", async (t) => {
  const passed: string[] = [];
  for (const line of bypasses)
    for (const list of [allow, deny]) if ((await problemWithLine(line, list)) === null) passed.push(line);
  assert.deepEqual(passed, []);

  // The table itself is worth something only if its lines do what they are said to do.
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "x"), "#!/bin/sh\ntouch pwned\n", { mode: 0o755 });
  const tried = bypasses.filter((_line, index) => process.env["AUTOGPT_TEST_LONG"] || index % 5 === 0);
  let harmful = 0;
  for (const line of tried) {
    spawnSync("bash", ["-c", line], { cwd: folder, timeout: 5_000, stdio: "ignore" });
    if ((await readdir(folder)).includes("pwned")) harmful += 1;
    await rm(join(folder, "pwned"), { force: true });
  }
  t.diagnostic(`${harmful} of ${tried.length} lines (of ${bypasses.length}) do harm in bash when nothing refuses them`);
  assert.ok(harmful > tried.length * 0.7);
});

const builtIn = rules("denylist", ["sudo", "su"], true);

test("pitfall 64: without a list of the user's, sudo and su are refused, and ordinary lines are not", async () => {
  for (const line of [
    "sudo ls",
    "ls; sudo ls",
    "/usr/bin/sudo ls",
    "env sudo ls",
    "sh -c 'sudo ls'",
    "eval sudo ls",
    "echo `su`",
    "find . -exec sudo ls ';'",
    'su""do ls',
  ])
    assert.notEqual(await problemWithLine(line, builtIn), null, line);
  for (const line of [
    "echo hi > a.txt",
    "cat <<E\nhi\nE",
    "X=1 env",
    "./run.sh",
    "python3 -c 'print(1)'",
    "wc -w < a.txt | awk '$1 < 2 { exit 1 }'",
    "export A=1; echo $A",
    "for i in $(seq 3); do echo $((i * 2)); done",
  ])
    assert.equal(await problemWithLine(line, builtIn), null, line);
});

const shell = (line: string): string => reply("execute_shell", { command_line: line });

test("the program keeps to the user's lists; refused lines are not asked about and do not run", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  for (const env of [
    { SHELL_ALLOWLIST: "echo, ls, sort" },
    { SHELL_COMMAND_CONTROL: "denylist", SHELL_DENYLIST: "touch" },
  ]) {
    const lines = ["echo hi", "ls | sort", "ls; touch pwned", "./linked pwned", "echo x > pwned"];
    const world = await scriptedWorld(t, lines.map(shell), { env: { EXECUTE_LOCAL_COMMANDS: "True", ...env } });
    await mkdir(join(world.folder, "workspace"));
    await symlink("/usr/bin/touch", join(world.folder, "workspace", "linked"));
    await world.run(["-y"], { input: "y\ny\nn\n" });
    const events = await world.journal();
    assert.deepEqual(
      eventsOfType(events, "command-start").map(({ step }) => step),
      [1, 2],
    );
    const texts = eventsOfType(events, "step-end").map(({ result }) => result.text);
    assert.match(texts[0] ?? "", /STDOUT:\nhi\n/);
    assert.match(texts[1] ?? "", /STDOUT:\nlinked\n/);
    for (const text of texts.slice(2))
      assert.match(text, /returned: Error: This Shell Command is not allowed: .*Do not try it again/);
    await assert.rejects(world.file("pwned"), { code: "ENOENT" });
  }
});

test("without a list of the user's, a link in the workspace to a refused program is refused as well", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const world = await scriptedWorld(t, [shell("./linked -c pwd"), shell("./other pwned")], {
    env: { EXECUTE_LOCAL_COMMANDS: "True" },
  });
  await mkdir(join(world.folder, "workspace"));
  await symlink("/usr/bin/su", join(world.folder, "workspace", "linked"));
  await symlink("/usr/bin/touch", join(world.folder, "workspace", "other"));
  await world.run(["-c", "-l", "2"]);
  const [refused, ran] = eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
  assert.match(refused ?? "", /\.\/linked is refused here unless the user says otherwise/);
  assert.match(ran ?? "", /STDOUT:/);
  assert.equal(await world.file("pwned"), "");
});

test("an empty allowlist allows nothing; names with paths or arguments in a list are a settings error", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const world = await scriptedWorld(t, [shell("ls")], {
    env: { EXECUTE_LOCAL_COMMANDS: "True", SHELL_COMMAND_CONTROL: "allowlist" },
  });
  await world.run(["-c", "-l", "1"]);
  assert.match(eventsOfType(await world.journal(), "step-end")[0]?.result.text ?? "", /ls is not on the user's list/);
  const { code, stderr } = await world.run(["-c"], { env: { SHELL_DENYLIST: "git push,/bin/rm" } });
  assert.equal(code, 2);
  assert.match(stderr, /SHELL_DENYLIST in the environment is .*names of commands with commas/);
});
