import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { contentOf, type FileEntry } from "../../../src/fleet/folder/entry.js";
import type { RunStore } from "../../../src/fleet/store/run-store.js";
import { closeServer, listenLocally } from "../../support/services/local-server.js";
import {
  repliesShown,
  reply,
  startFakeOpenAi,
  type FakeOpenAi,
  type RecordedRequest,
} from "../../support/services/fake-open-ai.js";

/** What happens outside: how often each thing was done. */
export type Outside = { url: string; counts: Map<string, number> };

export async function startOutside(t: TestContext, pauseMs: () => number): Promise<Outside> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const what = request.url ?? "";
    counts.set(what, (counts.get(what) ?? 0) + 1);
    setTimeout(() => response.end("done\n"), pauseMs());
  });
  const port = await listenLocally(server);
  t.after(() => closeServer(server));
  return { url: `http://127.0.0.1:${port}`, counts };
}

/** What the AI with this number does; what is done outside may not be done twice, and nobody can tell whether it was. */
const scriptOf = (number: string, outside: string): readonly string[] => [
  reply("write_to_file", { file: "notes.txt", text: "one\n" }),
  reply("execute_shell", { command_line: `curl -s ${outside}/${number}/first` }),
  reply("append_to_file", { file: "notes.txt", text: "two\n" }),
  reply("append_to_file", { file: "deep/log.txt", text: "x".repeat(2_000) }),
  reply("execute_shell", { command_line: `curl -s ${outside}/${number}/second` }),
  reply("move_file", { file: "given.txt", to: "deep/taken.txt" }),
  reply("move_file", { file: "given.bin", to: "deep/taken.bin" }),
  reply("task_complete", { reason: "Done." }),
];

export const settingsOf = (number: number): string => `ai_name: Clerk ${number}
ai_role: an AI that is disturbed
ai_goals:
  - goal: Write notes
    checks:
      - file_contains: { file: notes.txt, pattern: "^one\\ntwo\\n$" }
`;

/** Why a journal may not be as it is, in which the fleet's budget may have ended a part now and then; empty where all is well. */
export function problemsIn(lines: readonly string[]): string[] {
  const events = lines.map((line) => JSON.parse(line) as { type: string; step?: number; reason?: string });
  const steps = events.flatMap(({ type, step }) => (type === "step-end" ? [step] : []));
  const ends = events.filter(({ type, reason }) => type === "run-end" && reason !== "limit-cost").length;
  return [
    ...(new Set(steps).size === steps.length ? [] : [`a step has ended twice: ${steps.join(" ")}`]),
    ...(ends === 1 ? [] : [`it has ended ${ends} times`]),
  ];
}

/** A model that says what the script says next, a little later, so that there is something to disturb. */
export async function startScriptedModel(t: TestContext, outside: Outside, pauseMs: () => number): Promise<FakeOpenAi> {
  const next = ({ body }: RecordedRequest): string => {
    const [system] = body?.messages ?? [];
    const number = /Clerk (\d+)/.exec(system?.content ?? "")?.[1] ?? "";
    const replies = repliesShown({ body });
    return scriptOf(number, outside.url)[replies] ?? "nothing is left";
  };
  const server = await startFakeOpenAi({
    keep: 1,
    chat: (request) => new Promise((resolve) => setTimeout(() => resolve(next(request)), pauseMs())),
  });
  t.after(() => server.close());
  return server;
}

/** A run's workspace as the store has it: what lies at each path, with the bytes of files. */
export async function workspaceOf(store: RunStore, run: string): Promise<Record<string, string>> {
  const stored = await store.read(run);
  const found: Record<string, string> = {};
  for (const [path, entry] of stored?.files ?? []) {
    if (path === "workspace" || !path.startsWith("workspace/")) continue;
    found[path] = await shown(store, run, entry);
  }
  return Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function shown(store: RunStore, run: string, entry: FileEntry): Promise<string> {
  if (entry.kind !== "file") return entry.kind;
  const parts = await store.contents(run, entry.parts.map(contentOf));
  const all = Buffer.concat(parts.map((bytes) => bytes ?? Buffer.from("(lost)")));
  return all.length > 10_000 ? createHash("sha256").update(all).digest("hex") : all.toString("utf8");
}
