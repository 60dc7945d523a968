// Makes a new command, check, memory or search engine, with a test and the lines that name it: npm run new.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const usage = `Usage: npm run new -- KIND NAME [KIND NAME …]
  command [FOLDER/]NAME  in src/commands/FOLDER (files unless told)
  check NAME             for the goals of ai_settings.yaml
  memory NAME            for MEMORY_BACKEND
  engine NAME            for SEARCH_PROVIDER
NAME is as users and models will write it: small letters and digits, with _ between words.`;

/**
 * A name in the forms that code and texts have it in: word_count, word-count, wordCount, WordCount, WORD_COUNT,
 * Word count. `folder` is a command's.
 * @typedef {Record<"name" | "file" | "camel" | "Pascal" | "CONSTANT" | "Words" | "folder", string>} Names
 */

/**
 * `made`: file → its template. `changed`: file → how its text changes. `declares`: npm run template makes something of it.
 * `test`: what runs the new test. `then`: what is left to whoever asked.
 * @typedef {{ made: Record<string, string>, changed: Record<string, (text: string) => string>, declares?: boolean,
 *   test: string, then: string }} Recipe
 */

/** @type {Record<string, (names: Names) => Recipe>} */
const recipes = {
  command: ({ folder, file, camel }) => ({
    made: {
      [`src/commands/${folder}/${file}.ts`]: "command.ts",
      [`tests/commands/${folder}/${file}.test.ts`]: "command.test.ts",
    },
    changed: {
      "src/commands/index.ts": (text) =>
        withImport(inList(text, "laterCommands", camel), camel, `./${folder}/${file}.js`),
    },
    test: `commands/${folder}/${file}`,
    then: 'Name what it does in README.md, below "What it can do".',
  }),

  check: ({ file, camel }) => ({
    made: {
      [`src/goals/checks/${file}.ts`]: "check.ts",
      [`tests/goals/checks/${file}.test.ts`]: "check.test.ts",
    },
    changed: {
      "src/goals/index.ts": (text) => withImport(inList(text, "allChecks", camel), camel, `./checks/${file}.js`),
    },
    declares: true,
    test: `goals/checks/${file}`,
    then: "After a change of its value: npm run template. Show it in docs/goals.md.",
  }),

  memory: ({ name, file, Pascal }) => ({
    made: {
      [`src/memory/${file}/index.ts`]: "memory-index.ts",
      [`src/memory/${file}/store.ts`]: "memory-store.ts",
      [`tests/memory/${file}/contract.test.ts`]: "memory.test.ts",
    },
    changed: {
      "src/memory/backends.ts": (text) => {
        const line = `${name}: async (options) => (await import("./${file}/index.js")).open${Pascal}Memory(options),\n`;
        return before(text, "  no_memory:", line);
      },
      "docs/architecture.md": (text) => before(text, "    queue/", `    ${`${file}/`.padEnd(15)} … in ${name}\n`),
    },
    declares: true,
    test: `memory/${file}`,
    then: "Say where it keeps its records in docs/memory.md and in the tree of docs/architecture.md.",
  }),

  engine: (names) => ({
    made: {
      [`src/web/search/engines/${names.file}.ts`]: "engine.ts",
      [`tests/web/engines/${names.file}.test.ts`]: "engine.test.ts",
    },
    changed: {
      "src/web/search/engines.ts": (text) =>
        withImport(inList(text, "allEngines", names.camel), names.camel, `./engines/${names.file}.js`),
      "src/settings/declared/search.ts": (text) => {
        const keys = `key: "${names.camel}ApiKey", address: "${names.camel}BaseUrl"`;
        const listed = before(text, "  duckduckgo: {", `${names.name}: { ${keys} },\n`);
        return before(listed, "  duckDuckGoBaseUrl: ", filled("engine-settings.ts", names));
      },
    },
    declares: true,
    test: `web/engines/${names.file}`,
    then: "Put its real address into src/settings/declared/search.ts, then npm run template; name it in docs/web.md.",
  }),
};

try {
  await makeAll(readArguments(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Throws an Error that shows the usage. @param {string[]} args @returns {[Recipe, Names][]} */
function readArguments([kind = "", path = "", ...more]) {
  const recipe = Object.hasOwn(recipes, kind) ? recipes[kind] : undefined;
  const [, folder, name] = /^(?:([a-z]+)\/)?([a-z][a-z0-9]*(?:_[a-z0-9]+)*)$/.exec(path) ?? [];
  if (!recipe || name === undefined || (folder && kind !== "command")) throw new Error(usage);
  if (folder && !existsSync(join(root, "src", "commands", folder)))
    throw new Error(`There is no folder src/commands/${folder}.`);
  const names = namesOf(name, folder ?? "files");
  return [[recipe(names), names], ...(more.length > 0 ? readArguments(more) : [])];
}

/** @param {string} name @param {string} folder @returns {Names} */
function namesOf(name, folder) {
  const capital = (/** @type {string} */ word) => `${word[0]?.toUpperCase()}${word.slice(1)}`;
  const words = name.split("_");
  const Pascal = words.map(capital).join("");
  const camel = `${name[0]}${Pascal.slice(1)}`;
  return {
    name,
    folder,
    camel,
    Pascal,
    file: words.join("-"),
    CONSTANT: name.toUpperCase(),
    Words: capital(words.join(" ")),
  };
}

/** Writes nothing where anything is in the way. @param {[Recipe, Names][]} wanted */
async function makeAll(wanted) {
  const files = wanted.flatMap(([{ made }]) => Object.keys(made));
  const taken = files.find((file, index) => existsSync(join(root, file)) || files.indexOf(file) < index);
  if (taken !== undefined) throw new Error(`${taken} is there already: choose another name.`);
  for (const [recipe, names] of wanted) await make(recipe, names);
  if (wanted.some(([{ declares }]) => declares)) await writeDeclared();
  for (const [{ test, then }] of wanted)
    console.log(`\nIt works as it is: npm test -- ${test}\nNow make of it what you need. ${then}`);
}

/** @param {Recipe} recipe @param {Names} names */
async function make({ made, changed }, names) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const [file, template] of Object.entries(made)) texts.set(file, await formatted(file, filled(template, names)));
  for (const [file, change] of Object.entries(changed)) {
    const text = readFileSync(join(root, file), "utf8");
    texts.set(file, await formatted(file, change(text)));
  }
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    console.log(`${file in made ? "Made" : "Changed"} ${file}`);
  }
}

/** A template with the names put in. @param {string} template @param {Names} names */
function filled(template, names) {
  const text = readFileSync(join(root, "build", "templates", `${template}.txt`), "utf8");
  return text.replace(/\{\{(\w+)\}\}/g, (_all, form) => names[/** @type {keyof Names} */ (form)]);
}

/** @param {string} file @param {string} text */
async function formatted(file, text) {
  const { format, resolveConfig } = await import("prettier");
  const filepath = join(root, file);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

/** An array's declaration with one entry more. @param {string} text @param {string} list @param {string} entry */
function inList(text, list, entry) {
  const [start, end = ""] = new RegExp(`const ${list}\\b[^=]*= \\[[^\\]]*?,?\\s*(\\])`).exec(text) ?? [];
  if (start === undefined) throw new Error(`There is no array ${list} any more: change build/new.js.`);
  return text.replace(start, `${start.slice(0, -end.length).trimEnd().replace(/,$/, "")}, ${entry}]`);
}

/** A module that imports one name more, in its place. @param {string} text @param {string} name @param {string} from */
function withImport(text, name, from) {
  const imports = [...text.matchAll(/^import [^;]*? from "([^"]+)";\n/gm)];
  const next = imports.find(([, path = ""]) => path.startsWith("./") && path > from);
  const last = imports.at(-1);
  if (!last) throw new Error("There is no import: change build/new.js.");
  const place = next ? next.index : last.index + last[0].length;
  return `${text.slice(0, place)}import { ${name} } from "${from}";\n${text.slice(place)}`;
}

/** A text with something more before a line. @param {string} text @param {string} line @param {string} added */
function before(text, line, added) {
  if (!text.includes(`\n${line}`)) throw new Error(`There is no line "${line.trim()}" any more: change build/new.js.`);
  return text.replace(`\n${line}`, () => `\n${added}${line}`);
}

/**
 * Writes anew what is made from declarations, and says which of these files are others now. The script of npm run template
 * is bundled for this once, which takes a fifth of the time that a loader of TypeScript does.
 */
async function writeDeclared() {
  const before = declaredTexts();
  const script = join(root, "build", "write-template.js");
  const bundle = join(root, "node_modules", ".cache", "autogpt", `write-template-${process.pid}.mjs`);
  try {
    await build({
      entryPoints: [script],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      define: { "import.meta.url": JSON.stringify(pathToFileURL(script).href) },
      logLevel: "warning",
    });
    await import(pathToFileURL(bundle).href);
  } catch (cause) {
    throw new Error("What is made from declarations was not written: npm run template says why.", { cause });
  } finally {
    rmSync(bundle, { force: true });
  }
  for (const [file, text] of declaredTexts()) if (before.get(file) !== text) console.log(`Changed ${file}`);
}

/** @returns {Map<string, string>} */
function declaredTexts() {
  const schemas = existsSync(join(root, "schemas")) ? readdirSync(join(root, "schemas")) : [];
  const files = [".env.template", "docs/journal.md", ...schemas.map((name) => `schemas/${name}`)];
  return new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
}
