import { messageOf } from "../errors.js";
import type { Trust } from "../extensions/trust.js";
import type { ServerConfig } from "./config.js";
import type { Connection } from "./connect/connection.js";
import { differences } from "./differences.js";
import { identityIn, keepPins, pinOf, readPins, type Pin } from "./pins.js";
import { digestOf, type Tool } from "./tool.js";

/** Who says yes to what servers offer, and who hears of it. */
export type Agreeing = {
  trust: Trust;
  /** Says something to the person that is no event. */
  warn(text: string): void;
};

/** What was agreed; where a server has offered other tools since, the person is asked whether these hold from now on. */
export async function agreedPins(configs: readonly ServerConfig[], { trust, warn }: Agreeing): Promise<readonly Pin[]> {
  const pins = await readPins(trust);
  const accepted: Pin[] = [];
  for (const config of configs) {
    const pin = pinOf(pins, config);
    if (!pin?.offered || pin.tools === null) continue;
    const lines = [`The MCP server ${config.name} describes its tools otherwise than when you trusted it:`];
    lines.push(...differences(pin.tools, pin.offered));
    if (trust.given || (await trust.ask?.(lines, "Take them as they are now (y/n)? ")))
      accepted.push({ server: pin.server, identity: pin.identity, tools: pin.offered });
    else
      warn(
        `WARNING: ${lines.join("\n")}\nTools that changed are refused. --trust-extensions takes them as they are now.`,
      );
  }
  if (accepted.length === 0) return pins;
  await keepPins(trust, accepted);
  return readPins(trust);
}

/** Holds a server to the tools that were agreed to with the user. */
export interface Agreement {
  /** Starts the server, or connects to it, and looks at its tools, where that has not begun; nobody need wait for it. */
  begin(): void;
  /** Why this tool may not be called now, as half a sentence; null where it may. What the server offers is looked at before, where it may have changed. */
  refusal(tool: Tool): Promise<string | null>;
}

type AgreementOptions = Agreeing & {
  config: ServerConfig;
  connection: Connection;
  /** What was agreed to. */
  tools: readonly Tool[];
  /** They are what the server has just offered, so that it need not be asked. */
  areNew: boolean;
};

const unlike = "the server describes it otherwise than when the user trusted it, and the user has to agree first";
const gone = "the server does not offer it any more";

/**
 * Asks the server for its tools with `begin`, or the first call, whenever it says that they changed, and when it was connected to anew. Tools that
 * are no longer what was agreed to are refused from then on, new ones are not there, and the next start asks about both.
 */
export function createAgreement({ config, connection, tools, areNew, trust, warn }: AgreementOptions): Agreement {
  let refused: ReadonlyMap<string, string> = new Map();
  let said = "";
  /** The connection whose tools were looked at last. */
  let seen: number | null = null;
  let checking: Promise<void> | null = null;
  const begun = (): Promise<void> =>
    (checking ??= areNew
      ? connection.generation().then(
          (now) => void (seen = now),
          () => undefined,
        )
      : look().catch((thrown: unknown) =>
          warn(`WARNING: ${messageOf(thrown)} Its commands fail until it can be reached.`),
        ));
  if (areNew) void begun();
  connection.onToolsChanged(() => {
    checking = begun().then(() => look().catch(() => void (seen = null)));
  });
  return {
    begin: () => void begun(),
    async refusal({ name }) {
      await begun();
      const now = await connection.generation().catch(() => null);
      // Where it cannot be reached, the call itself says so.
      if (now === null) return null;
      if (now !== seen) {
        const problem = await look().then(
          () => null,
          (thrown: unknown) => `the server does not say which tools it has (${messageOf(thrown)})`,
        );
        if (problem !== null) return problem;
      }
      return refused.get(name) ?? null;
    },
  };

  async function look(): Promise<void> {
    const offered = await connection.tools();
    seen = await connection.generation();
    const lines = differences(tools, offered);
    refused = refusedOf(tools, offered);
    const now = lines.join("\n");
    if (now === said) return;
    said = now;
    const pin: Pin = { server: config.name, identity: identityIn(config), tools: [...tools] };
    await keepPins(trust, [lines.length === 0 ? pin : { ...pin, offered }]);
    if (lines.length > 0) warn(changedText(config.name, now));
  }
}

const changedText = (server: string, lines: string): string =>
  `WARNING: the MCP server ${server} describes its tools otherwise than when you trusted it; those are refused in this run. ` +
  `The next start asks about them.\n${lines}`;

/** Tools that are no longer what was agreed to, each with the reason. */
function refusedOf(agreed: readonly Tool[], offered: readonly Tool[]): Map<string, string> {
  const digests = new Map(offered.map((tool) => [tool.name, digestOf(tool)]));
  const changed = agreed.filter((tool) => digests.get(tool.name) !== digestOf(tool));
  return new Map(changed.map(({ name }) => [name, digests.has(name) ? unlike : gone]));
}
