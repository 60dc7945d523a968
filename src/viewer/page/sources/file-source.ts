import { eventHolds } from "../../holds.js";
import { listed, type ExportedRun, type Start, type StepDetail } from "../../shapes.js";
import type { Source } from "./source.js";

/** Runs that lie in the page itself. Their details are unpacked when the first one is asked for. */
export function fileSource({
  data,
  details: packed,
}: Pick<Extract<Start, { mode: "file" }>, "data" | "details">): Source {
  const runs = unpack<ExportedRun[]>(data);
  let unpacked: Promise<StepDetail[][]> | null = null;
  const placeOf = async (run: string): Promise<number> => {
    const place = (await runs).findIndex(({ overview }) => overview.run === run);
    if (place === -1) throw new Error("This file does not hold that run.");
    return place;
  };
  const detailsOf = async (run: string): Promise<StepDetail[]> => {
    unpacked ??= unpack<StepDetail[][]>(packed);
    return (await unpacked)[await placeOf(run)] ?? [];
  };
  return {
    live: false,
    runs: async () => (await runs).map(({ overview }) => listed(overview, overview.run.slice(-4))),
    fleet: () => Promise.resolve(null),
    follow(run, heard) {
      void placeOf(run).then(async (place) => {
        const { overview, rows } = (await runs)[place] as ExportedRun;
        heard({ kind: "overview", overview });
        heard({ kind: "rows", rows });
        heard({ kind: "ready", problems: [] });
      });
      return () => undefined;
    },
    async detail(run, step) {
      const found = (await detailsOf(run)).find((one) => one.step === step);
      return found ?? { step, events: [], diff: "", sent: null };
    },
    async agent(run, key) {
      return (await detailsOf(run)).flatMap(({ events }) =>
        events.filter((event) => event.type === "agent-message" && event.key === key),
      );
    },
    async search(run, text) {
      const wanted = text.toLowerCase();
      const found = (await detailsOf(run)).filter(({ events }) => events.some((event) => eventHolds(event, wanted)));
      return found.map(({ step }) => step);
    },
    act: () => Promise.reject(new Error("This is a file: nothing can be done from it.")),
  };
}

/** What lies in the page as gzip in base64. */
async function unpack<Value>(data: string): Promise<Value> {
  const signs = atob(data);
  const bytes = new Uint8Array(signs.length);
  for (let at = 0; at < signs.length; at += 1) bytes[at] = signs.charCodeAt(at);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(plain).json()) as Value;
}
