import { eventHolds } from "../../holds.js";
import { listed, type ExportedRun } from "../../shapes.js";
import type { Source } from "./source.js";

/** Runs that lie in the page itself: gzip in base64. */
export function fileSource(data: string): Source {
  const runs = unpack(data);
  const named = async (name: string): Promise<ExportedRun> => {
    const found = (await runs).find(({ overview }) => overview.run === name);
    if (found === undefined) throw new Error("This file does not hold that run.");
    return found;
  };
  return {
    live: false,
    runs: async () => (await runs).map(({ overview }) => listed(overview, overview.run.slice(-4))),
    follow(run, heard) {
      void named(run).then(({ overview, rows }) => {
        heard({ kind: "overview", overview });
        heard({ kind: "rows", rows });
        heard({ kind: "ready", problems: [] });
      });
      return () => undefined;
    },
    async detail(run, step) {
      const found = (await named(run)).details.find((one) => one.step === step);
      return found ?? { step, events: [], diff: "", sent: null };
    },
    async agent(run, key) {
      const { details } = await named(run);
      return details.flatMap(({ events }) =>
        events.filter((event) => event.type === "agent-message" && event.key === key),
      );
    },
    async search(run, text) {
      const wanted = text.toLowerCase();
      const { details } = await named(run);
      return details.filter(({ events }) => events.some((event) => eventHolds(event, wanted))).map(({ step }) => step);
    },
    act: () => Promise.reject(new Error("This is a file: nothing can be done from it.")),
  };
}

async function unpack(data: string): Promise<ExportedRun[]> {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(plain).json()) as ExportedRun[];
}
