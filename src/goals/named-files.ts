import { wordList } from "../base/text.js";

/** What programs read without being told, in the folder that they run in. */
const readByThemselves: Readonly<Record<string, string>> = {
  bun: "package.json bunfig.toml",
  bundle: "Gemfile Gemfile.lock",
  cargo: "Cargo.toml build.rs .cargo/config.toml",
  cmake: "CMakeLists.txt",
  ctest: "CMakeLists.txt",
  deno: "deno.json deno.jsonc",
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
  node: "package.json",
  npm: "package.json .npmrc",
  npx: "package.json .npmrc",
  nox: "noxfile.py",
  phpunit: "phpunit.xml",
  pnpm: "package.json .npmrc pnpm-workspace.yaml",
  pytest: "conftest.py tests/conftest.py pytest.ini pyproject.toml tox.ini setup.cfg",
  rake: "Rakefile",
  rspec: ".rspec spec/spec_helper.rb",
  tox: "tox.ini setup.cfg pyproject.toml",
  tsc: "tsconfig.json",
  vitest: "package.json vitest.config.ts vitest.config.js vite.config.ts vite.config.js",
  yarn: "package.json .npmrc .yarnrc.yml",
};
const byProgram = new Map(Object.entries(readByThemselves).map(([program, files]) => [program, wordList(files)]));

/** How a sandbox may call the workspace. */
const inside = /^(\/workspace\/|\.\/)+/;
const longestName = 200;
const mostNames = 200;

/** Words before the name of a module, and names that are found beside a program: those of Node's packages and Python's modules. */
const loadsModule = /^(?:require|resolve|import|from|-r|--require|--import|--loader)$/;
const moduleName = /^(?:@[\w.-]{1,100}\/)?[A-Za-z_][\w.-]{0,100}$/;

/**
 * The paths in the workspace that a shell line may read: every word of it that could be one, and what well-known
 * programs among its words read without being told. Most are not there; what files name in their turn is not followed.
 */
export function namedFiles(line: string): readonly string[] {
  const parts = line.split(/[\s'"`;|&()<>{}=:,$]+/).filter((part) => part !== "");
  const folders = new Set([""]);
  const names = new Set<string>();
  for (const [index, part] of parts.entries()) {
    const before = parts[index - 1] ?? "";
    const name = part.replace(inside, "").replace(/\/+$/, "");
    if (isPath(name)) names.add(name);
    if (/^(cd|pushd|-C|--prefix|--directory)$/.test(before) && isPath(name)) folders.add(`${name}/`);
    if (loadsModule.test(before) && moduleName.test(part))
      for (const file of [`node_modules/${part}`, `${part}.py`, `${part}/__init__.py`]) names.add(file);
    if (before === "npx") for (const file of [`node_modules/.bin/${part}`, `node_modules/${part}`]) names.add(file);
    if (before === "-m" && /^[\w.]+$/.test(part)) {
      const module = part.replaceAll(".", "/");
      for (const file of [`${module}.py`, `${module}/__init__.py`, `${module}/__main__.py`]) names.add(file);
    }
    for (const file of byProgram.get(part.slice(part.lastIndexOf("/") + 1)) ?? []) names.add(file);
  }
  const all = [...folders].flatMap((folder) => [...names].map((name) => folder + name));
  return [...new Set(all)].slice(0, mostNames);
}

const isPath = (name: string): boolean =>
  !["", "."].includes(name) && name.length <= longestName && !/^[-/~]|[*?[\]]|(^|\/)\.\.(\/|$)/.test(name);
