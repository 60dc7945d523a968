import { wordList } from "../../../base/text.js";

/** Programs that start the command behind them, which is therefore looked at. */
const transparent = new Set(wordList("builtin command env exec nice nohup setsid time xargs"));

const shells = new Set(wordList("ash bash csh dash fish ksh mksh rbash sh tcsh zsh"));

/** Programs that run texts as commands, change what names mean, or start others in ways that cannot be followed. */
const opaque = new Set(
  wordList(`
    . alias at batch bind busybox coproc complete crontab declare doas enable entr env-run eval expect export fc gdb hash
    mapfile parallel readarray readonly run-parts script set shopt socat source ssh scp sftp toybox trap typeset unalias
    unbuffer watch

    arch i386 i486 i586 i686 linux32 linux64 setarch uname26 x86_64
    aa-exec bwrap capsh catchsegv cgexec choom chpst chroot chronic chrt consolation coresched cset daemon daemonize
    dbus-launch dbus-run-session dumb-init eatmydata envdir envuidgid fakechroot fakeroot faketime firejail flatpak flock
    gosu ifne ionice local ltrace lxc-execute newgrp nsenter numactl perf pee pidproxy pkexec prlimit proot proxychains
    proxychains4 pseudo runcon runuser s6-applyuidgid s6-envdir s6-setuidgid s6-softlimit setlock setpriv setuidgid sg
    shpool snap softlimit ssh-agent start-stop-daemon stdbuf strace su-exec systemd-nspawn systemd-run taskset timelimit
    timeout tini torify torsocks truss ts uclampset unshare valgrind vipe xvfb-run

    bmake gmake just make ninja rake scons
  `),
);
/** What loads a program by its path: ld.so, ld-linux-x86-64.so.2, ld-musl-x86_64.so.1. */
const loader = /^ld(-linux|-musl)?[\w.-]*\.so(\.\d+)*$/;

const interpreters =
  /^(deno|bun|elixir|erl|groovy|guile|julia|lua|luajit|node|nodejs|ocaml|perl|php|pwsh|pypy|python|racket|Rscript|ruby|sbcl|scala|tclsh|wish)[\d.]*$/;

/** Programs whose own scripts or commands can start others: text interpreters, editors, pagers, shells of services. */
const scripted = new Set(
  wordList(`
    awk dc ed emacs ex gawk ghci gnuplot info jed joe latex less lftp ftp lualatex m4 mail mailx man mawk mc more most mutt
    mysql nano nawk nvim octave pdflatex pdftex pico psql R rview rvim screen sed sqlite3 telnet tex tmux vi view vim vimdiff
    xelatex
  `),
);

/** Commands that evaluate array subscripts in their words, which can hold a substitution. */
const rereading = new Set(wordList("[ getopts let printf read test unset wait"));

/** Programs that take words for data, and start nothing: a refused name in them means nothing. */
const dataOnly = new Set(
  wordList(`
    [ : basename cat cd chgrp chmod chown cksum cmp column comm cp cut date df diff dirname du echo egrep expand expr false
    fgrep file fmt fold grep head join ln ls md5sum mkdir mkfifo mktemp mv nl nproc od paste pr printf pwd readlink realpath
    rev rm rmdir seq sha1sum sha256sum sha512sum shuf shred sleep stat sum sync tac tail tee test touch tr tree true truncate
    tsort type uname unexpand uniq wait wc whereis which whoami xxd yes
  `),
);

const plainName = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** What is known of a program by its name, which may be a path. */
export function programOf(name: string) {
  const program = plainName(name);
  return {
    program,
    isShell: shells.has(program),
    /** Starts the command that its words are. */
    isTransparent: transparent.has(program),
    /** May start others, and its words do not plainly say which. */
    isOpaque: opaque.has(program) || loader.test(program),
    isScripted: scripted.has(program),
    isInterpreter: interpreters.test(program),
    isRereading: rereading.has(program),
    takesData: dataOnly.has(program),
  };
}

/** Whether a program may start what it is given. */
export function startsOthers(name: string): boolean {
  const { program, isTransparent, isOpaque } = programOf(name);
  return isTransparent || isOpaque || program === "find";
}

/**
 * The words that a shell, or a program that splits texts in its own way, could find in a word: between all that is no
 * part of a name, and the same with quotes and backslashes taken out.
 */
export function namesWithin(word: string): string[] {
  const bare = word.replace(/["'\\]/g, "");
  const texts = bare === word ? [word] : [word, bare];
  return texts.flatMap((text) => text.split(/[^\w.+/@%-]+/)).filter((name) => name !== "");
}

/** Whether one of these names stands in a text, by itself or at the end of a path, in whatever letters. */
export function mentions(text: string, names: readonly string[]): boolean {
  const within = new Set(namesWithin(text).flatMap((name) => [name, plainName(name)].map((one) => one.toLowerCase())));
  return names.some((name) => within.has(name.toLowerCase()));
}
