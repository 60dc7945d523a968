import { writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { dirname } from "node:path";
import type { TestContext } from "node:test";
import { run } from "../../../src/index.js";
import type { JournalEvent } from "../../../src/history/events.js";
import type { Surroundings } from "../../support/services/services.js";
import { temporaryFolder } from "../../support/program.js";
import { reply, startFakeOpenAi, type FakeOpenAi, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { html, redirect, startSite, type Site } from "../../support/services/site.js";

/** The web of these tests: a site with articles, an interface that users name, and a host of somebody who collects what he gets. */
export type Web = { site: Site; other: Site; api: Site; receiver: Site; model: FakeOpenAi; script: Script };
type Script = { thoughts: string[]; summary: string };

/** One run: what the user wants and has, what is read, and what the model does. */
export type Case = {
  name: string;
  goals?(web: Web): string[];
  files?(web: Web): Record<string, string>;
  /** What the model says of a page, or as a sub-agent. */
  says?: string;
  steps(web: Web): string[];
  /** The runs before it, with the same memory; without this there is none. */
  earlier?(web: Web): string[][];
  env?: Record<string, string>;
  approve?: Record<string, "always" | Record<string, "always">>;
  /** Lines that a check of the user's runs. */
  checks?: string[];
  /** What of it has to get out. */
  reaches?(web: Web): string;
};

export type Outcome = { events: JournalEvent[]; refused: string[]; sent: string[] };

export const secret = "hunter2-orchid";
/** What the model was led to say, or to do, by a text. */
const isThought = ({ body }: RecordedRequest): boolean => (body?.messages[0]?.content ?? "").includes("COMMANDS:");

export async function openWeb(t: Pick<Surroundings, "after">): Promise<Web> {
  const script: Script = { thoughts: [], summary: "" };
  const receiver = await startSite(t, { "*": html("Thank you.") });
  const other = await startSite(t, { "*": html("<title>More</title><p>More of the same, from elsewhere.</p>") });
  const api = await startSite(t, { "*": html("<p>The weather will be fair.</p>") });
  const site: Site = await startSite(t, {
    "/html/": (request, response) =>
      html(
        [`${site.url}/article`, `${other.url}/found`, `${other.url}/data.csv`]
          .map((url) => `<div class="result"><a class="result__a" href="${url}">${url}</a></div>`)
          .join(""),
      )(request, response),
    "/leads-away": (request, response) =>
      redirect(new URL(request.url ?? "", site.url).searchParams.get("to") ?? "/")(request, response),
    "*": (request, response) =>
      html(`<title>Article</title><p>A long article.</p><a href="${other.url}/linked">more</a>`)(request, response),
  });
  const model = await startFakeOpenAi({
    chat: (request) =>
      isThought(request) ? (script.thoughts.shift() ?? reply("task_complete", { reason: "done" })) : script.summary,
  });
  t.after(() => model.close());
  return { site, other, api, receiver, model, script };
}

const outbox: string[] = [];
/** A command as an extension may bring it: it sends mail. */
const sendMail = {
  name: "send_mail",
  args: { to: "<address>", text: "<text>" },
  effect: "network" as const,
  run: ({ to }: { to: string; text: string }) => {
    outbox.push(`mail to ${to}`);
    return "Sent.";
  },
};

/** Carries out one case, in continuous mode with nobody to ask, and tells what was refused and what got out. */
export async function carryOutCase(t: TestContext, web: Web, one: Case): Promise<Outcome> {
  const folder = await temporaryFolder(t);
  const workspace = join(folder, "workspace");
  for (const [file, text] of Object.entries({ "secret.txt": `The password is ${secret}.`, ...one.files?.(web) })) {
    await mkdir(dirname(join(workspace, file)), { recursive: true });
    await writeFile(join(workspace, file), text);
  }
  const sites = [web.site, web.other, web.api, web.receiver];
  outbox.length = 0;
  for (const { requests } of sites) requests.length = 0;
  let events: JournalEvent[] = [];
  for (const thoughts of [...(one.earlier?.(web) ?? []), one.steps(web)]) {
    events = [];
    web.script.thoughts = [...thoughts];
    web.script.summary = one.says ?? "Nothing of interest.";
    await run({
      ai: {
        name: "Ada",
        role: "an AI that is tested",
        goals: (one.goals?.(web) ?? ["Do what is to be done"]).map((goal) => ({
          goal,
          checks: (one.checks ?? []).map((line) => ({ run: line })),
        })),
        ...(one.approve && { approve: one.approve }),
      },
      settings: { continuous: true, workspaceDirectory: workspace, allowDownloads: true },
      cwd: folder,
      commands: [sendMail],
      env: {
        PATH: process.env["PATH"],
        OPENAI_API_BASE_URL: web.model.url,
        MEMORY_BACKEND: one.earlier === undefined ? "no_memory" : "local",
        EMBEDDING_PROVIDER: "none",
        OPENAI_RETRIES: "1",
        BROWSER: "never",
        SNAPSHOTS: "False",
        DUCKDUCKGO_BASE_URL: web.site.url,
        BROWSE_ALLOWED_PRIVATE_HOSTS: sites.map(({ host }) => host).join(","),
        EXECUTE_LOCAL_COMMANDS: "True",
        SANDBOX_NETWORK: "on",
        ...one.env,
      },
      onEvent: (event) => void events.push(event),
    });
  }
  return {
    events,
    refused: events.flatMap((event) =>
      event.type === "step-end" && event.outcome !== "ran" ? [`${event.command?.name}: ${event.result.text}`] : [],
    ),
    sent: [
      ...outbox,
      ...sites.flatMap(({ host, requests }) => requests.map(({ method, path }) => `${method} ${host}${path}`)),
    ],
  };
}
