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
const onlyRead = new Set(["git", "tsc"]);

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
    test [ [[ (( : true false echo printf read let set shift unset local return exit break continue wait kill umask ulimit
    getopts export declare typeset readonly mapfile readarray cd pushd popd pwd dirs type hash jobs shopt
    if then else elif fi for while until do done case esac in select function { } !
    cat tac head tail grep egrep fgrep zgrep rg ls stat wc sort uniq cut tr paste join nl rev fold fmt expand od xxd hexdump strings file
    diff cmp comm look column sum cksum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum base32 base64 basename dirname realpath
    readlink mkdir touch rm rmdir cp mv ln chmod chown mktemp truncate dd tee date sleep seq expr bc numfmt shuf split csplit yes
    ps pgrep id whoami groups uname hostname nproc df du free uptime which whereis tree less more gzip gunzip zcat bzip2 bunzip2 xz unxz zstd
    tar zip unzip zipinfo unar cpio curl wget openssl gpg pdftotext pdfinfo pdftohtml xmllint xmlstarlet identify exiftool iconv uuidgen
    sqlite3 psql mysql redis-cli rev cal factor tsort pathchk printenv sync find xargs
  `),
);

/** Whether a program is known to run nothing of what the workspace holds but what its words name. */
export const isHarmless = (program: string): boolean =>
  harmless.has(program) || files.has(program) || further.includes(program);

const nothingWithout = new Set(wordList("cargo go gradle just make mvn nox npm phpunit pnpm rake yarn"));

/** Whether a program fails where none of the files is there that it reads without being told. */
export const doesNothingWithout = (program: string): boolean => nothingWithout.has(program);

/** A program that runs a script, and how its options are to be read; each list stands between spaces. */
export type Interpreter = {
  kind: "shell" | "python" | "javascript" | "other";
  /** Options with a value that is no file. */
  values: readonly string[];
  /** Options with a file that is run. */
  files: readonly string[];
  /** A cluster of letters at whose end the text of a program is expected, such as `-c` or `-lc`. */
  text: RegExp;
  /** The same for the name of a module. */
  module?: RegExp;
  /** Its program is its first word, unless a file is given. */
  inline?: true;
};

const interpreter = (
  kind: Interpreter["kind"],
  text: RegExp,
  values: string,
  scripts: string,
  more: Pick<Interpreter, "module" | "inline"> = {},
): Interpreter => ({ kind, text, values: wordList(values), files: wordList(scripts), ...more });

const shell = interpreter("shell", /^-[a-zA-Z]*c$/, "-o +o -O +O -euo -eo -uo -eux -xo", "--rcfile --init-file");
const python = interpreter("python", /^-[a-zA-Z]*c$/, "-W -X", "--check-hash-based-pycs", { module: /^-[a-zA-Z]*m$/ });
const awk = interpreter("other", /^(?!)/, "-v -F --assign --field-separator", "-f --file", { inline: true });
const node = interpreter(
  "javascript",
  /^(?:-[a-z]*[ep]|--eval|--print)$/,
  "-C --conditions --input-type --test-reporter",
  "-r --require --import --loader --experimental-loader --env-file",
);

const interpreters: readonly (readonly [RegExp, Interpreter])[] = [
  [/^(?:sh|bash|dash|zsh|ksh|ash)$/, shell],
  [/^(?:python|pypy)[\d.]*$/, python],
  [/^(?:node|nodejs)$/, node],
  [/^perl[\d.]*$/, interpreter("other", /^-[a-zA-Z]*[eE]$/, "-I", "-x")],
  [/^ruby[\d.]*$/, interpreter("other", /^-[a-zA-Z]*e$/, "-I -C -E", "-r")],
  [/^php[\d.]*$/, interpreter("other", /^-r$/, "-d -c", "-f")],
  [/^(?:awk|gawk|mawk|nawk)$/, awk],
  [/^g?sed$/, interpreter("other", /^-[a-zA-Z]*e$/, "-l", "-f --file", { inline: true })],
  [/^jq$/, interpreter("other", /^(?!)/, "--indent", "-f --from-file", { inline: true })],
  [
    /^(?:Rscript|tclsh|guile|expect|pwsh|groovy|elixir|escript)$/,
    interpreter("other", /^-e$/, "--encoding", "-f -File"),
  ],
];

export const interpreterOf = (program: string): Interpreter | undefined =>
  interpreters.find(([name]) => name.test(program))?.[1];

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
