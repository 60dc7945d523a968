import type { TestContext } from "node:test";
import type { Message } from "../../../src/model/model.js";
import { startFakeOpenAi } from "../../support/services/fake-open-ai.js";

/** A scripted model whose requests are looked at as they come. */
export type WatchedModel = {
  url: string;
  /** How many requests have come. */
  steps(): number;
  /** What `look` has thrown. */
  broken: readonly unknown[];
};

type Look = (messages: readonly Message[], step: number, before: readonly Message[]) => void;

/** Answers each request by its number, from 1; `look` sees its messages, and those of the request before. */
export async function watchedModel(t: TestContext, reply: (step: number) => string, look: Look): Promise<WatchedModel> {
  let step = 0;
  let before: readonly Message[] = [];
  const broken: unknown[] = [];
  const server = await startFakeOpenAi({
    keep: 1,
    chat({ body }) {
      step += 1;
      const messages = body?.messages ?? [];
      try {
        look(messages, step, before);
      } catch (thrown) {
        broken.push(thrown);
      }
      before = messages;
      return reply(step);
    },
  });
  t.after(() => server.close());
  return { url: server.url, steps: () => step, broken };
}
