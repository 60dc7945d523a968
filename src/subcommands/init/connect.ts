import { isOpenAi } from "../../base/address.js";
import { counted } from "../../base/text.js";
import type { OpenServer } from "../../compose/server.js";
import type { Dialogue } from "../../console/input/first-run.js";
import { messageOf } from "../../errors.js";
import { askForModels } from "../../model/catalog/model-list.js";
import { RefusedRequest } from "../../model/http/errors.js";
import { isPlaceholder, isSet } from "../../settings/read-value.js";
import type { Settings } from "../../settings/schema.js";
import { chatModels, type LocalServer } from "./local-servers.js";

export type ConnectOptions = {
  settings: Settings;
  dialogue: Dialogue;
  open(settings: Settings, timeoutMs?: number): Promise<OpenServer>;
  signal: AbortSignal;
};

/** Variables for `.env`. */
export type Values = Record<string, string>;

const trialMs = 8_000;
const mostTries = 3;
const mostListed = 20;

/** Why a text can be no key, as the end of a sentence; null where it may be one. */
export function keyProblem(text: string): string | null {
  if (addressIn(text) !== null)
    return "is an address; a server's address belongs into OPENAI_API_BASE_URL (--base-url)";
  if (/\s/.test(text)) return "has spaces in it";
  if (isPlaceholder(text)) return "is the placeholder of .env.template";
  if (/^-|^["'`]/.test(text) || !/^[\x21-\x7e]+$/.test(text))
    return "begins with what no key begins with, or has other signs than a key has";
  return null;
}

/** The address that somebody entered, with `http://` where only host and port stand there; null for what is none. */
export function addressIn(text: string): string | null {
  const whole = /^https?:\/\//i.test(text)
    ? text
    : /^(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-f:]+\])?:\d{2,5}(?:\/\S*)?$/i.test(text) ||
        /^localhost(?:\/\S*)?$/i.test(text)
      ? `http://${text.replace(/^:/, "localhost:")}`
      : null;
  return whole !== null && URL.canParse(whole) ? whole.replace(/\/+$/, "") : null;
}

/** Asks for a key of OpenAI's, or the address of another server, and tries it; nothing where nothing is entered. */
export async function askForServer(options: ConnectOptions): Promise<Values> {
  const { dialogue, settings } = options;
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const question =
      "Your OpenAI key (from https://platform.openai.com/account/api-keys), or the address of another server.\n" +
      "What you type is not shown: ";
    const text = (await dialogue.ask(question, { hidden: true }))?.trim();
    if (!isSet(text)) return {};
    const address = addressIn(text);
    if (address !== null) return otherServer(options, address);
    const problem = keyProblem(text) ?? (await tried(options, { ...settings, openAiApiKey: text })).refused;
    if (problem === null) return { OPENAI_API_KEY: text };
    dialogue.say(`That cannot be used: it ${problem}.`);
  }
  return {};
}

/** What a server other than OpenAI's needs besides its address. */
async function otherServer(options: ConnectOptions, given: string): Promise<Values> {
  const { dialogue, settings } = options;
  dialogue.say(`The server at ${given}.`);
  const key = (
    await dialogue.ask("Its key, which is not shown either (Enter: it needs none): ", { hidden: true })
  )?.trim();
  const apiKey = isSet(key) ? key : undefined;
  const isBare = new URL(given).pathname === "/";
  const candidates = isBare ? [given, `${given}/v1`] : [given];
  let models: string[] = [];
  let address = given;
  for (const candidate of candidates) {
    const found = await tried(options, { ...settings, openAiBaseUrl: candidate, openAiApiKey: apiKey });
    if (found.refused !== null) dialogue.say(`The server does not take this key: it ${found.refused}.`);
    if (found.models.length === 0) continue;
    [address, models] = [candidate, found.models];
    break;
  }
  const model = await askForModel(options, models);
  return {
    OPENAI_API_BASE_URL: address,
    ...(apiKey !== undefined && { OPENAI_API_KEY: apiKey }),
    ...(model !== null && { SMART_LLM_MODEL: model, FAST_LLM_MODEL: model }),
  };
}

/** Lets somebody choose from the models that a server lists, by number or name; null: those of the settings. */
export async function askForModel(
  {
    dialogue,
    settings: { smartModel, fastModel },
  }: { dialogue: Dialogue; settings: Pick<Settings, "smartModel" | "fastModel"> },
  models: readonly string[],
): Promise<string | null> {
  const usual = smartModel === fastModel ? smartModel : `${smartModel} and ${fastModel}`;
  const [first] = models;
  const offersUsual = first === undefined || [smartModel, fastModel].every((name) => models.includes(name));
  const ifEmpty = offersUsual ? usual : first;
  if (models.length > 0) dialogue.say("It has these models:");
  models.slice(0, mostListed).forEach((name, index) => dialogue.say(`  ${index + 1}. ${name}`));
  if (models.length > mostListed)
    dialogue.say(`  … and ${counted(models.length - mostListed, "other")}, which can be named`);
  let refused: string | null = null;
  for (;;) {
    const answer =
      (
        await dialogue.ask(`Which model${models.length > 0 ? ", by number or name" : " there"} (Enter: ${ifEmpty}): `)
      )?.trim() ?? "";
    if (!isSet(answer)) return offersUsual ? null : (first ?? null);
    const name = models[Number(answer) - 1] ?? answer;
    if (models.length === 0 || models.includes(name) || name === refused) return name;
    refused = name;
    dialogue.say(`The server lists no ${JSON.stringify(name)}. Enter it once more to take it all the same.`);
  }
}

/** Asks the server for its models, which costs nothing. `refused`: the end of a sentence on why the key is not taken. */
async function tried(
  { open, signal, dialogue }: ConnectOptions,
  settings: Settings,
): Promise<{ models: string[]; refused: string | null }> {
  try {
    const { server } = await open(settings, trialMs);
    const { models } = await askForModels(server, signal);
    return { models: chatModels(models.map(({ id }) => id)), refused: null };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof RefusedRequest && [401, 403].includes(thrown.status))
      return { models: [], refused: `was refused by the server (status ${thrown.status})` };
    if (isOpenAi(settings.openAiBaseUrl)) dialogue.say(`The key could not be tried out: ${messageOf(thrown)}`);
    return { models: [], refused: null };
  }
}

/** What somebody without a key chose. */
export type Choice = { kind: "values"; values: Values } | { kind: "demo" } | null;

/** Offers what there is for somebody without a key: to enter one, a server of this computer, or the demo. */
export async function offerConnection(options: ConnectOptions, servers: readonly LocalServer[]): Promise<Choice> {
  const { dialogue } = options;
  const ways = [
    "An OpenAI key, or the address of another server",
    ...servers.map(
      ({ name, address, models }) =>
        `The server at ${address}, the port of ${name}: ${models.slice(0, 3).join(", ")}${models.length > 3 ? ", …" : ""}`,
    ),
    "The demo, which needs neither",
  ];
  dialogue.say("There is no key yet (OPENAI_API_KEY is not set). What would you like to use?");
  ways.forEach((way, index) => dialogue.say(`  ${index + 1}. ${way}`));
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const answer = ((await dialogue.ask(`Choose 1 to ${ways.length}, or press Enter to leave: `)) ?? "").trim();
    if (answer === "" || /^(?:n|no|q|quit|exit)$/i.test(answer)) return null;
    const number = Number(answer);
    if (number === ways.length) return { kind: "demo" };
    if (number === 1) {
      const values = await askForServer(options);
      return Object.keys(values).length === 0 ? null : { kind: "values", values };
    }
    const server = servers[number - 2];
    if (server !== undefined) {
      const model = (await askForModel(options, server.models)) ?? options.settings.smartModel;
      return {
        kind: "values",
        values: { OPENAI_API_BASE_URL: server.address, SMART_LLM_MODEL: model, FAST_LLM_MODEL: model },
      };
    }
    dialogue.say(
      keyProblem(answer) === null && answer.length >= 20
        ? "That looks like a key: choose 1 first, where it is not shown."
        : `That is none of 1 to ${ways.length}.`,
    );
  }
  return null;
}
