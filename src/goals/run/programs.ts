import { wordList } from "../../base/text.js";

/** What programs read without being told, in the folder that they run in, and obey. */
const readByThemselves: Readonly<Record<string, string>> = {
  ava: "package.json ava.config.js ava.config.mjs",
  bun: "package.json bunfig.toml",
  bundle: "Gemfile Gemfile.lock",
  cargo: "Cargo.toml build.rs .cargo/config.toml",
  cmake: "CMakeLists.txt",
  composer: "composer.json",
  ctest: "CMakeLists.txt",
  deno: "deno.json deno.jsonc",
  dotnet: "Directory.Build.props Directory.Build.targets",
  eslint: "eslint.config.js eslint.config.mjs .eslintrc.json",
  git: ".git/config .gitattributes",
  go: "go.mod",
  gradle: "build.gradle build.gradle.kts settings.gradle",
  gradlew: "build.gradle build.gradle.kts settings.gradle",
  jest: "package.json jest.config.js jest.config.ts jest.config.mjs",
  just: "justfile Justfile",
  make: "GNUmakefile makefile Makefile",
  mocha: "package.json .mocharc.json .mocharc.yml .mocharc.js",
  mvn: "pom.xml",
  nose2: "nose2.cfg unittest.cfg",
  nox: "noxfile.py",
  npm: "package.json .npmrc",
  npx: "package.json .npmrc",
  phpunit: "phpunit.xml",
  pnpm: "package.json .npmrc pnpm-workspace.yaml",
  pytest: "conftest.py tests/conftest.py pytest.ini pyproject.toml tox.ini setup.cfg",
  rake: "Rakefile",
  rspec: ".rspec spec/spec_helper.rb",
  tap: "package.json .taprc",
  tox: "tox.ini setup.cfg pyproject.toml",
  tsc: "tsconfig.json",
  vitest: "package.json vitest.config.ts vitest.config.js vite.config.ts vite.config.js",
  yarn: "package.json .npmrc .yarnrc.yml",
};
const files = new Map(Object.entries(readByThemselves).map(([program, names]) => [program, wordList(names)]));

/** Those of them that run nothing of what they read in the workspace. */
const onlyRead = new Set(["git"]);

/** Programs that run whatever project they are started in, and need no file to tell them. */
const further = wordList(
  "bats coverage hatch hypothesis java ginkgo lua luajit mix pipenv poetry prove rubocop stack swift tsx ts-node unittest uv zig",
);

/** What a program reads in its folder without being told. */
export const filesReadBy = (program: string): readonly string[] => files.get(program) ?? [];

/** Whether a program runs what the workspace holds, be it named or not. */
export const runsTheProject = (program: string): boolean =>
  (files.has(program) && !onlyRead.has(program)) || further.includes(program);

/** Where tests usually lie, which a program that runs a project judges by. */
export const usualTests = wordList(
  "test tests spec specs __tests__ testdata fixtures test_*.* *_test.* *.test.* *.spec.* *_spec.* *Test.* *Tests.* conftest.py",
);

/** Programs, and words of the shell, that read and compare, and run nothing of what the workspace holds. */
const harmless = new Set(
  wordList(`
    test [ [[ (( : true false echo printf read set shift unset local return exit break continue wait kill umask ulimit
    getopts export declare typeset readonly mapfile readarray cd pushd popd pwd dirs type hash shopt
    if then else elif fi for while until do done case esac in select function { } !
    cat tac head tail grep egrep fgrep zgrep rg ls stat wc sort uniq cut tr paste join nl rev fold fmt expand od xxd hexdump strings file
    diff cmp comm look column sum cksum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum base32 base64 basename dirname realpath
    readlink mkdir touch rm rmdir cp mv ln chmod chown mktemp truncate dd tee date sleep seq expr bc numfmt shuf split csplit yes
    ps pgrep id whoami groups uname hostname nproc df du free uptime which whereis tree gzip gunzip zcat bzip2 bunzip2 xz unxz zstd
    unzip zipinfo curl wget pdftotext pdfinfo pdftohtml xmllint xmlstarlet iconv uuidgen
    rev cal factor tsort pathchk printenv sync find xargs
  `),
);

/** Whether a program is known to run nothing of what the workspace holds but what its words name. */
export const isHarmless = (program: string): boolean =>
  harmless.has(program) || files.has(program) || further.includes(program);

/** Words of a harmless program by which it runs another one, or evaluates a text. */
const openWords: ReadonlyMap<string, RegExp> = new Map([
  ["sort", /^--compress/],
  ["rg", /^--pre/],
  ["split", /^--fi/],
  ["curl", /^(?:-[a-zA-Z]*K|--config)/],
  ["wget", /^(?:-[a-zA-Z]*e|--execute|--config|--use-askpass)/],
  ["hash", /^-[a-z]*p/],
  ["mapfile", /^-[a-zA-Z]*C/],
  ["readarray", /^-[a-zA-Z]*C/],
  ["declare", /^-[a-zA-Z]*[in]/],
  ["typeset", /^-[a-zA-Z]*[in]/],
  ["local", /^-[a-zA-Z]*[in]/],
  ["printf", /^-v/],
  ["test", /^-[vR]$/],
  ["[", /^-[vR]$/],
]);
/** Those of them that may be told so by a word that only running the line would tell. */
const openByAnyWord = wordList("sort rg split curl wget hash mapfile readarray unset find");

/** What of git neither runs nor writes anything. */
const readsOfGit = wordList(
  "status log diff show ls-files ls-tree rev-parse rev-list cat-file grep describe branch tag merge-base check-ignore blame shortlog fsck for-each-ref",
);

/** Whether a program that is harmless otherwise may run something by these words; null is one that cannot be told. */
export function runsByWords(program: string, words: readonly (string | null)[]): boolean {
  if (program === "git") {
    const [subcommand] = (words[0] === "-C" ? words.slice(2) : words).filter((word) => word !== "--no-pager");
    return (
      !readsOfGit.includes(subcommand ?? "") || words.some((word) => /^(?:-O|--open-files|--ext-diff)/.test(word ?? ""))
    );
  }
  const opens = openWords.get(program);
  const end = words.indexOf("--");
  const options = end === -1 ? words : words.slice(0, end);
  if (options.some((word) => word !== null && opens?.test(word))) return true;
  return openByAnyWord.includes(program) && options.some((word) => word === null || /^[*?[]/.test(word));
}

const nothingWithout = new Set(wordList("cargo go gradle just make mvn nox npm phpunit pnpm rake yarn"));

/** Whether a program fails where none of the files is there that it reads without being told. */
export const doesNothingWithout = (program: string): boolean => nothingWithout.has(program);

/** Programs that do nothing but start another one, each with its options that have a value. */
export const wrappers: ReadonlyMap<string, readonly string[]> = new Map([
  ["env", wordList("-u --unset -C --chdir -S")],
  ["time", wordList("-f -o")],
  ["nice", wordList("-n")],
  ["ionice", wordList("-c -n -p")],
  ["nohup", []],
  ["setsid", []],
  ["exec", wordList("-a")],
  ["command", []],
  ["builtin", []],
  ["stdbuf", wordList("-i -o -e")],
  ["timeout", wordList("-k -s --kill-after --signal")],
  ["xargs", wordList("-I -n -P -d -a -L -s")],
  ["sudo", wordList("-u -g")],
  ["unshare", []],
]);

/** Variables by which a program finds code, or is told what to run first. */
export const opensTheWay =
  /^(?:PATH|HOME|ENV|BASH_ENV|SHELL|PERL5\w+|PERL_\w+|PYTHON\w+|NODE_\w+|RUBY\w+|LUA_\w+|LD_\w+|DYLD_\w+|CLASSPATH|JAVA_TOOL_OPTIONS|GIT_\w+|GEM_\w+|R_\w+)$/;
