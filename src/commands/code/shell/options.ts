/** What an option of a program does that its name does not tell. */
type Deed = "may run other commands" | "writes to a file";

type ProgramOptions = {
  /** Short options, by their letter, and long ones; those may be shortened as long as nobody else begins like that. */
  does: Readonly<Record<string, Deed>>;
  /** Short options that take a value: what follows in the word, or the next word. */
  withValue?: string;
  /** More words than these without a dash: the last one is a file that is written. */
  mostOperands?: number;
  /** Words without a dash that run others: parts of the program with names of their own. */
  words?: readonly string[];
  /** The first word may be a cluster of letters without a dash. */
  cluster?: boolean;
  /** Options are words with one dash. */
  oneDash?: boolean;
};

const runs: Deed = "may run other commands";
const writes: Deed = "writes to a file";

const programs: Readonly<Record<string, ProgramOptions>> = {
  sort: { does: { o: writes, output: writes, "compress-program": runs }, withValue: "kStT" },
  shuf: { does: { o: writes, output: writes }, withValue: "in" },
  uniq: { does: {}, withValue: "fsw", mostOperands: 1 },
  xxd: { does: {}, withValue: "clsogRn", mostOperands: 1 },
  tree: { does: { o: writes, output: writes }, withValue: "LPIHT" },
  iconv: { does: { o: writes, output: writes }, withValue: "ft" },
  file: { does: { C: writes, compile: writes }, withValue: "mfFPe" },
  less: { does: { o: writes, O: writes, "log-file": writes, "LOG-FILE": writes } },
  split: { does: { filter: runs }, withValue: "abClnt" },
  find: {
    does: {
      exec: runs,
      execdir: runs,
      ok: runs,
      okdir: runs,
      fprint: writes,
      fprint0: writes,
      fprintf: writes,
      fls: writes,
    },
    oneDash: true,
  },
  fd: { does: { x: runs, exec: runs, X: runs, "exec-batch": runs } },
  fdfind: { does: { x: runs, exec: runs, X: runs, "exec-batch": runs } },
  rg: { does: { pre: runs, "hostname-bin": runs } },
  tar: {
    does: {
      I: runs,
      F: runs,
      "use-compress-program": runs,
      "to-command": runs,
      "checkpoint-action": runs,
      "info-script": runs,
      "new-volume-script": runs,
      "rsh-command": runs,
      "rmt-command": runs,
    },
    withValue: "fCTXbgKNLV",
    cluster: true,
  },
  cpio: { does: { "rsh-command": runs, "rmt-command": runs }, withValue: "CEFHIMOR" },
  zip: { does: { TT: runs, "unzip-command": runs }, withValue: "bnt" },
  rsync: { does: { e: runs, rsh: runs, "rsync-path": runs }, withValue: "fTB" },
  git: {
    does: {
      c: runs,
      x: runs,
      O: runs,
      u: runs,
      config: runs,
      "config-env": runs,
      "exec-path": runs,
      exec: runs,
      extcmd: runs,
      "open-files-in-pager": runs,
      "upload-pack": runs,
      "receive-pack": runs,
      template: runs,
      "ext-diff": runs,
      output: writes,
    },
    words: ["bisect", "config", "difftool", "filter-branch", "foreach", "hook", "instaweb", "mergetool", "send-email"],
  },
  hg: { does: { config: runs, remotecmd: runs, ssh: runs, e: runs } },
  svn: { does: { "diff-cmd": runs, "diff3-cmd": runs, "editor-cmd": runs, "config-option": runs } },
};

/**
 * What a program would do, by an option among its words, that its name does not tell; null where nothing is seen.
 * `unknown`: one of the words is not written out, and could be such an option.
 */
export function deedOf(program: string, words: readonly (string | null)[]): Deed | "unknown" | null {
  const options = new Map(Object.entries(programs)).get(program);
  if (options === undefined) return null;
  let operands = 0;
  let ended = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === null || word === undefined) return "unknown";
    const isOption = !ended && word.startsWith("-") && word !== "-";
    const isCluster = options.cluster === true && index === 0 && !word.startsWith("-");
    if (isOption && word === "--") ended = true;
    else if (isOption || isCluster) {
      const { deed, takesNext } = deedOfOption(isCluster ? `-${word}` : word, options);
      if (deed !== null) return deed;
      if (takesNext) index += 1;
    } else {
      if (options.words?.includes(word)) return runs;
      operands += 1;
    }
  }
  return operands > (options.mostOperands ?? Infinity) ? writes : null;
}

function deedOfOption(word: string, options: ProgramOptions): { deed: Deed | null; takesNext: boolean } {
  const known = new Map(Object.entries(options.does));
  if (options.oneDash) return { deed: known.get(word.slice(1)) ?? null, takesNext: false };
  if (word.startsWith("--")) {
    const name = word.slice(2).split("=", 1)[0] ?? "";
    const meant = [...known].find(([long]) => long.length > 1 && name !== "" && long.startsWith(name));
    return { deed: meant?.[1] ?? null, takesNext: false };
  }
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] ?? "";
    const deed = known.get(letter) ?? [...known].find(([name]) => name.length === 2 && word.startsWith(name, at))?.[1];
    if (deed !== undefined) return { deed, takesNext: false };
    if (options.withValue?.includes(letter)) return { deed: null, takesNext: at === word.length - 1 };
  }
  return { deed: null, takesNext: false };
}
