import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A call of one of its tools, what it answers, and arguments that it does not take. */
type Calls = {
  right: [tool: string, args: Record<string, unknown>, answer: RegExp];
  wrong: [tool: string, args: Record<string, unknown>];
};
export type PublishedServer = Calls & {
  package: string;
  version: string;
  file: string;
  /** How long a call may be silent, in milliseconds. */
  timeout?: number;
  /** `files` is a folder in which it may work. */
  args?(files: string): string[];
  env?(files: string): Record<string, string>;
};

/**
 * Servers from the registry that nobody here wrote, with libraries of many ages, which start without a network. Their
 * versions are pinned.
 */
export const publishedServers: Record<string, PublishedServer> = {
  files: {
    package: "@modelcontextprotocol/server-filesystem",
    version: "2026.8.31",
    file: "dist/index.js",
    args: (files) => [files],
    right: ["list_allowed_directories", {}, /Allowed directories:/],
    wrong: ["read_text_file", { path: 7 }],
  },
  everything: {
    package: "@modelcontextprotocol/server-everything",
    version: "2026.8.31",
    file: "dist/index.js",
    right: ["get-sum", { a: 2, b: 40 }, /42/],
    wrong: ["get-sum", { a: "two" }],
  },
  memory: {
    package: "@modelcontextprotocol/server-memory",
    version: "2026.8.31",
    file: "dist/index.js",
    env: (files) => ({ MEMORY_FILE_PATH: join(files, "memory.json") }),
    right: ["create_entities", { entities: [{ name: "Ada", entityType: "person", observations: ["counts"] }] }, /Ada/],
    wrong: ["create_entities", { entities: [{ name: "Ada" }] }],
  },
  thinking: {
    package: "@modelcontextprotocol/server-sequential-thinking",
    version: "2026.8.31",
    file: "dist/index.js",
    right: [
      "sequentialthinking",
      { thought: "one", nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
      /thoughtHistoryLength/,
    ],
    wrong: ["sequentialthinking", { thought: "one" }],
  },
  github: {
    package: "@modelcontextprotocol/server-github",
    version: "2025.4.8",
    file: "dist/index.js",
    // Without a network and a token it can only fail, in its own words.
    right: ["search_repositories", { query: "x" }, /Error: github\.search_repositories/],
    wrong: ["create_repository", {}],
  },
  hello: {
    package: "mcp-hello-world",
    version: "1.1.2",
    file: "build/stdio.js",
    right: ["echo", { message: "you" }, /You said: you/],
    wrong: ["add", { a: 1 }],
  },
  eslint: {
    package: "@eslint/mcp",
    version: "0.3.13",
    file: "src/mcp-cli.js",
    right: ["lint-files", { filePaths: ["/nowhere/a.js"] }, /eslint\.lint-files/],
    wrong: ["lint-files", { filePaths: [] }],
  },
  tavily: {
    package: "tavily-mcp",
    version: "0.2.22",
    // It asks a service elsewhere, and waits.
    timeout: 5_000,
    file: "build/index.js",
    right: ["tavily_extract", { urls: [] }, /tavily\.tavily_extract/],
    wrong: ["tavily_search", {}],
  },
  git: {
    package: "@cyanheads/git-mcp-server",
    version: "2.15.3",
    // It does not answer where a folder cannot be made.
    timeout: 5_000,
    file: "dist/index.js",
    right: ["git_init", { path: "/proc/nowhere" }, /git\.git_init/],
    wrong: ["git_commit", {}],
  },
  notion: {
    package: "@notionhq/notion-mcp-server",
    version: "2.5.2",
    file: "bin/cli.mjs",
    right: ["API-get-self", {}, /notion\.API-get-self/],
    wrong: ["API-retrieve-a-page", {}],
  },
};

/** Installs them in this folder by npm, without running anything of theirs. */
export function installServers(folder: string, servers: readonly PublishedServer[]): void {
  writeFileSync(join(folder, "package.json"), '{"private":true}\n');
  const names = servers.map(({ package: name, version }) => `${name}@${version}`);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", ...names], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** The server as the settings name it. */
export const configOf = (
  folder: string,
  files: string,
  { package: name, file, args, env, timeout }: PublishedServer,
) => ({
  command: process.execPath,
  args: [join(folder, "node_modules", ...name.split("/"), ...file.split("/")), ...(args?.(files) ?? [])],
  ...(env && { env: env(files) }),
  ...(timeout && { timeout }),
});
