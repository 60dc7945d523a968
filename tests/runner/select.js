import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

/**
 * What `npm run test:unit` leaves out, by the beginning of its path below tests/: what starts processes or races them, needs
 * a service, a browser or a sandbox, or tries thousands of inputs.
 */
const notUnit = [
  "api/",
  "base/packages/",
  "build/",
  "docs-commands",
  "documents/end-with-parent",
  "documents/read-document",
  "end-to-end/",
  "examples/",
  "fleet/queue/",
  "fleet/store/",
  "fleet/worker/",
  "memory/embedding/cache",
  "memory/local/processes",
  "memory/redis/",
  "model/http/stream-cut",
  "reply/mutated-replies",
  "sandbox/",
  "security/",
  "speech/",
  "storage/",
  "subcommands/",
  "web/answers",
  "web/browser",
  "web/pages",
  "web/rendering",
  "web/secure",
  "workspace/append",
  "workspace/race",
];

/**
 * What `npm run test:package` runs and `npm test` leaves out, in the same way: what is not about the program but about the
 * repository and what is made of it, and which builds, packs or installs it for that.
 */
const aboutPackage = ["build/", "docs-commands", "examples/"];

/**
 * By the beginning of its path, what looks at its whole process (streams and listeners, variables, memory in use), and what makes it
 * slower for whatever comes behind: the server of aimock follows every promise, by AsyncLocalStorage, once it was asked.
 */
const alone = ["api/", "end-to-end/failures/aimock", "security/sandbox", "web/pages"];

/**
 * Whether a test file is to have a process to itself.
 * @param {string} file its path below the repository
 */
export const needsOwnProcess = (file) => alone.some((start) => file.startsWith(`tests/${start}`));

const usage = `Usage: npm test -- [PART …] [--name PATTERN] [--unit] [--package] [--watch] [--long]
  PART            runs the test files whose path below tests/ contains it, such as goals or goals/checks
  --name PATTERN  runs the tests whose title fits this regular expression
  --unit          leaves out what starts processes, needs a service or tries thousands of inputs
  --package       runs what builds, packs or installs the program, and the commands of the pages
  --watch         runs again whenever a source or a test changes
  --long          runs the full counts of the kill, fault and fuzz tests
Without PART, --package or --long, what --package names is left out.`;

const startsWithOne = (/** @type {string} */ file, /** @type {readonly string[]} */ starts) =>
  starts.some((start) => file.startsWith(start));

/**
 * What the command line of tests/run.js asks for.
 * @typedef {{ parts: string[], names: string[], unit: boolean, package: boolean, watch: boolean, long: boolean, help: string | null }} Chosen
 */

/** Reads the command line of tests/run.js. Throws an Error that shows the usage. @param {string[]} args @returns {Chosen} */
export function readArguments(args) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        name: { type: "string", multiple: true, default: [] },
        "test-name-pattern": { type: "string", multiple: true, default: [] },
        unit: { type: "boolean", default: false },
        package: { type: "boolean", default: false },
        watch: { type: "boolean", default: false },
        long: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { name, "test-name-pattern": alsoName, help, ...rest } = values;
    return { ...rest, names: [...name, ...alsoName], parts: positionals, help: help ? usage : null };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`, { cause: error });
  }
}

/**
 * The test files that fit, as paths below `root`. Throws an Error that names the parts which fit none.
 * @param {string} root @param {Partial<Chosen>} chosen
 */
export function selectFiles(root, { parts = [], unit = false, package: ofPackage = false, long = false }) {
  const all = readdirSync(join(root, "tests"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
  const below = (/** @type {string} */ part) => part.replace(/^(\.\/)?tests\//, "");
  const unknown = parts.filter((part) => !all.some((file) => file.includes(below(part))));
  if (unknown.length > 0)
    throw new Error(`No test file has a path that contains ${unknown.map((part) => `"${part}"`).join(" or ")}.`);
  const files = all
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(below(part))))
    .filter((file) => !unit || !startsWithOne(file, notUnit))
    .filter((file) => {
      const isAboutPackage = startsWithOne(file, aboutPackage);
      return ofPackage ? isAboutPackage : parts.length > 0 || long || !isAboutPackage;
    });
  if (files.length === 0)
    throw new Error(
      `None of these test files is ${unit ? "a unit test" : "about the package"}; without --${unit ? "unit" : "package"} they run.`,
    );
  return files.map((file) => `tests/${file}`);
}
