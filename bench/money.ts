import { run } from "../src/index.js";
import { promptTokens, tokensOf } from "../tests/support/services/billing/fake-bill.js";
import {
  createPromptCache,
  type CachedRequest,
  type CacheUse,
} from "../tests/support/services/billing/fake-prompt-cache.js";
import { reply, startFakeOpenAi, type RecordedRequest } from "../tests/support/services/fake-open-ai.js";
import { createBlockCache } from "./support/block-cache.js";
import { report, withFolder } from "./support/measure.js";

const steps = 200;
/** Parts of the input price. */
const prices = { cachedAtMark: 0.05, written: 1.25, cachedBlock: 0.1, answered: 5 };

const words = "a plan needs a good map and some rest before the next hill is climbed by those who came along".split(
  " ",
);
const passage = (step: number, length: number): string =>
  Array.from({ length }, (_, index) => words[(index * (step + 3) + step * step) % words.length]).join(" ");

/** Writes, reads and looks, with as many words as models use. */
function scripted(step: number): string {
  const thoughts = { text: passage(step, 60), reasoning: passage(step + 1, 60), plan: `- go on from ${step}` };
  if (step % 4 === 2) return reply("read_file", { file: `${step - 1}.txt` }, thoughts);
  if (step % 4 === 3) return reply("search_files", { directory: "", pattern: `*${step}*` }, thoughts);
  return reply("write_to_file", { file: `${step}.txt`, text: passage(step + 2, 250) }, thoughts);
}

type Asked = RecordedRequest & { body: NonNullable<RecordedRequest["body"]> };

/**
 * What the requests of a run cost at services that keep prompts, counted of one run's requests: where marks are asked for, against the mark
 * that such a service sets by itself; and where it finds blocks by itself, against no cache at all.
 */
export async function benchMoney(): Promise<void> {
  for (const memoryBackend of ["no_memory", "local"] as const)
    await withFolder(async (folder) => {
      let step = 0;
      const server = await startFakeOpenAi({ chat: () => scripted(++step) });
      const ai = { name: "Bench", role: "an AI that is measured", goals: ["Write down what is known of hills"] };
      const env = { OPENAI_API_BASE_URL: server.url, OPENAI_RETRIES: "1" };
      await run({ ai, cwd: folder, env, settings: { continuous: true, continuousLimit: steps, memoryBackend } });
      printCosts(
        memoryBackend,
        server.chatRequests().filter((one): one is Asked => one.body !== null),
      );
      await server.close();
    });
}

function printCosts(memory: string, asked: readonly Asked[]): void {
  const prompts = asked.map(({ body }) => promptTokens(body.messages));
  const sum = (costs: readonly number[]): number => costs.reduce((all, one) => all + one, 0);
  const atMarks = (request: (one: Asked) => CachedRequest): number => {
    const cache = createPromptCache({ now: () => 0 });
    const costOf = (prompt: number, { cached, written }: CacheUse): number =>
      prompt - cached - written + prices.cachedAtMark * cached + prices.written * written;
    return sum(asked.map((one, index) => costOf(prompts[index] ?? NaN, cache.use(request(one)))));
  };
  const marked = atMarks(({ body, sent }) => ({ ...body, sent }));
  const implicit = atMarks(({ body }) => ({ ...body, sent: body.messages, prompt_cache_options: undefined }));
  const blockCache = createBlockCache();
  const inBlocks = sum(
    asked.map(({ body }, index) => (prompts[index] ?? NaN) - (1 - prices.cachedBlock) * blockCache(body.messages)),
  );
  const plain = sum(prompts);
  const answers = prices.answered * sum(asked.map((_one, index) => tokensOf(scripted(index + 1))));
  const detail = `${Math.round(plain / asked.length)} tokens a request; with the answers`;
  const print = (what: string, cost: number, other: number, most: number): void =>
    report(`${memory}: ${what}`, cost / other, most, `${detail} ${((cost + answers) / (other + answers)).toFixed(2)}`);
  print(`prompts of ${steps} steps, our marks ÷ the service's own at the end`, marked, implicit, 0.15);
  print(`prompts of ${steps} steps, blocks of 128 ÷ without a cache`, inBlocks, plain, 0.2);
}
