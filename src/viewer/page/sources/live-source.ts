import type { Update } from "../../shapes.js";
import type { Source } from "./source.js";

/** How long the page waits before it tries to reach the server again, in milliseconds. */
const againMs = 1_000;

/** A server of `autogpt view`; each request carries the token. `hasFleet`: it knows a fleet's runs, too. */
export function liveSource(token: string, hasFleet: boolean): Source {
  const headers = { authorization: `Bearer ${token}` };
  const at = (run: string, what: string): string => `/api/runs/${encodeURIComponent(run)}/${what}`;
  const get = async <Answer>(path: string): Promise<Answer> => answerOf(await fetch(path, { headers }));
  return {
    live: true,
    runs: () => get("/api/runs"),
    fleet: () => (hasFleet ? get("/api/fleet") : Promise.resolve(null)),
    follow(run, heard) {
      const ended = new AbortController();
      void keepFollowing(() => fetch(at(run, "follow"), { headers, signal: ended.signal }), heard, ended.signal);
      return () => ended.abort();
    },
    detail: (run, step) => get(at(run, `step?n=${step}`)),
    agent: (run, key) => get(at(run, `agent?key=${encodeURIComponent(key)}`)),
    search: (run, text) => get(at(run, `search?text=${encodeURIComponent(text)}`)),
    async act(run, act) {
      const body = act.kind === "answer" ? act.body : act.kind === "tell" ? { text: act.text } : {};
      const sent = await fetch(at(run, act.kind), {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await answerOf<{ message: string }>(sent)).message;
    },
  };
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  if (response.ok) return (await response.json()) as Answer;
  const said = (await response.json().catch(() => null)) as { message?: string } | null;
  throw new Error(said?.message ?? `The server answered ${response.status}.`);
}

type Heard = (update: Update | { kind: "lost" }) => void;

async function keepFollowing(ask: () => Promise<Response>, heard: Heard, ended: AbortSignal): Promise<void> {
  for (let first = true; !ended.aborted; first = false) {
    try {
      const response = await ask();
      if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status}.`);
      if (!first) heard({ kind: "anew" });
      for await (const line of linesOf(response.body)) heard(JSON.parse(line) as Update);
    } catch {
      // It is tried again below.
    }
    if (ended.aborted) return;
    heard({ kind: "lost" });
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const [first = "", ...more] = value.split("\n");
    rest.push(first);
    for (const next of more) {
      const line = rest.join("");
      rest = [next];
      if (line !== "") yield line;
    }
  }
}
