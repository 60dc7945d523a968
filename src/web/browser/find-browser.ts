import { isAbsolute } from "node:path";
import { findProgram, isProgram } from "../../base/find-program.js";

/** `name`: chrome, chromium, edge or a path; `path`: PUPPETEER_EXECUTABLE_PATH; `searchPath`: the system's PATH. */
export type BrowserChoice = { name?: string | undefined; path?: string | undefined; searchPath: string };

const programs: Readonly<Record<string, readonly string[]>> = {
  chromium: ["chromium", "chromium-browser"],
  chrome: ["google-chrome", "google-chrome-stable", "chrome"],
  edge: ["microsoft-edge", "microsoft-edge-stable", "msedge"],
};

const installedPaths: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  darwin: {
    chrome: ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
    chromium: ["/Applications/Chromium.app/Contents/MacOS/Chromium"],
    edge: ["/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"],
  },
  win32: {
    chrome: [
      "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
      "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
    ],
    edge: [
      "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
      "C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe",
    ],
  },
};

/** Browsers that the original knew and that cannot be driven by this program. */
const foreign = new Set(["firefox", "safari"]);

/** The path of an installed browser, or null. Where one was asked for, no other is taken instead. */
export async function findBrowser({ name, path, searchPath }: BrowserChoice): Promise<string | null> {
  for (const asked of [path, name]) {
    if (asked !== undefined && (isAbsolute(asked) || /[\\/]/.test(asked))) return firstUsable([asked]);
  }
  if (name !== undefined && foreign.has(name.toLowerCase())) return null;
  const kinds = name !== undefined && name in programs ? [name] : ["chromium", "chrome", "edge"];
  const isUnknown = name !== undefined && !(name in programs);
  const names = isUnknown ? [name] : kinds.flatMap((kind) => programs[kind] ?? []);
  for (const program of names) {
    const found = await findProgram(program, searchPath);
    if (found !== null) return found;
  }
  return isUnknown ? null : firstUsable(kinds.flatMap((kind) => installedPaths[process.platform]?.[kind] ?? []));
}

async function firstUsable(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    if (await isProgram(path)) return path;
  }
  return null;
}

/** Why no browser was found, and what to do. */
export const noBrowser = ({ name }: BrowserChoice): string =>
  name !== undefined && foreign.has(name.toLowerCase())
    ? `No browser was found that can be used here: ${name} cannot. ${howToGetOne}`
    : `No browser was found on this machine. ${howToGetOne}`;

const howToGetOne =
  "Install Chromium, Chrome or Edge (on Debian: apt-get install chromium; elsewhere: npx @puppeteer/browsers install " +
  "chrome@stable), or name one with --browser-name PATH.";
