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

/** Whether a tool may be called now: by which connection, or why not, as half a sentence. */
export type Allowed = { ok: true; generation: number } | { ok: false; problem: string };

/** Holds a server to the tools that were agreed to with the user. */
export interface Agreement {
  /** Starts the server, or connects to it, and looks at its tools, where that has not begun; nobody need wait for it. */
  begin(): void;
  /** Looks before at what the server offers, where that may have changed. */
  allows(tool: Tool): Promise<Allowed>;
}

type AgreementOptions = Agreeing & {
  config: ServerConfig;
  connection: Connection;
  /** What was agreed to. */
  tools: readonly Tool[];
  /** The connection by which the server has just offered them, so that it need not be asked; null where they are from earlier. */
  offeredBy: number | null;
};

const unlike = "the server describes it otherwise than when the user trusted it, and the user has to agree first";
const gone = "the server does not offer it any more";

/** How often a server that goes on changing its tools is said to do so in a run. */
const mostSaid = 3;
/** How often the tools are looked at in a run because the server says that they changed, and not because one is called. */
const mostLooks = 20;

/**
 * Asks the server for its tools with `begin`, or the first call, whenever it says that they changed, and when it was connected to anew. Tools that
 * are no longer what was agreed to are refused from then on, new ones are not there, and the next start asks about both.
 */
export function createAgreement(options: AgreementOptions): Agreement {
  const { connection, offeredBy, warn } = options;
  const offer = createOffer(options);
  let begun: Promise<void> | null = null;
  let timesLooked = 0;
  const begin = (): Promise<void> =>
    (begun ??= (offeredBy !== null ? Promise.resolve(offeredBy) : offer.look()).then(
      () => undefined,
      (thrown: unknown) => warn(`WARNING: ${messageOf(thrown)} Its commands fail until it can be reached.`),
    ));
  connection.onToolsChanged(() => {
    const isLookedAt = !offer.isNew();
    offer.outdate();
    // A flood of this costs nothing: from then on it is looked at before a call alone.
    if (isLookedAt || ++timesLooked > mostLooks) return;
    void begin()
      .then(() => (offer.isNew() ? null : offer.look()))
      .catch(() => undefined);
  });
  return {
    begin: () => void begin(),
    async allows({ name }) {
      await begin();
      await offer.settled();
      try {
        const connected = await connection.generation();
        const generation = offer.isNew(connected) ? connected : await offer.look();
        const problem = offer.refusal(name);
        return problem === undefined ? { ok: true, generation } : { ok: false, problem };
      } catch (thrown) {
        return { ok: false, problem: messageOf(thrown) };
      }
    },
  };
}

/** What the server was seen to offer last, beside what was agreed to. */
type LastOffer = {
  /** Asks the server, once what was asked before is answered; by which connection. Rejects as `tools` of a connection does. */
  look(): Promise<number>;
  /** Resolves when nothing is asked. Never rejects. */
  settled(): Promise<unknown>;
  /** Whether nothing is known to have changed since, by this connection where one is named. */
  isNew(generation?: number): boolean;
  /** The server has said that it changed. */
  outdate(): void;
  refusal(name: string): string | undefined;
};

function createOffer({ config, connection, tools, offeredBy, trust, warn }: AgreementOptions): LastOffer {
  let refused: ReadonlyMap<string, string> = new Map();
  let kept = "";
  let timesSaid = 0;
  let seen = offeredBy;
  let isOld = false;
  let looking: Promise<unknown> = Promise.resolve();
  const ask = async (): Promise<number> => {
    isOld = false;
    const offer = await connection.tools().catch((thrown: unknown) => {
      isOld = true;
      throw thrown;
    });
    seen = offer.generation;
    refused = refusedOf(tools, offer.tools);
    const lines = differences(tools, offer.tools);
    const now = lines.join("\n");
    if (now === kept) return offer.generation;
    const pin: Pin = { server: config.name, identity: identityIn(config), tools: [...tools] };
    await keepPins(trust, [lines.length === 0 ? pin : { ...pin, offered: offer.tools }]);
    kept = now;
    if (lines.length > 0 && ++timesSaid <= mostSaid) warn(changedText(config.name, now, timesSaid === mostSaid));
    return offer.generation;
  };
  return {
    look() {
      const looked = looking.then(ask);
      looking = looked.catch(() => undefined);
      return looked;
    },
    settled: () => looking,
    isNew: (generation) => !isOld && (generation === undefined || generation === seen),
    outdate: () => void (isOld = true),
    refusal: (name) => refused.get(name),
  };
}

const changedText = (server: string, lines: string, isLast: boolean): string =>
  `WARNING: the MCP server ${server} describes its tools otherwise than when you trusted it; those are refused in this run. ` +
  `The next start asks about them.${isLast ? " Of further changes no more is said in this run." : ""}\n${lines}`;

/** Tools that are no longer what was agreed to, each with the reason. */
function refusedOf(agreed: readonly Tool[], offered: readonly Tool[]): Map<string, string> {
  const digests = new Map(offered.map((tool) => [tool.name, digestOf(tool)]));
  const changed = agreed.filter((tool) => digests.get(tool.name) !== digestOf(tool));
  return new Map(changed.map(({ name }) => [name, digests.has(name) ? unlike : gone]));
}
