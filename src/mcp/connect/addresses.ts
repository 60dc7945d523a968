import type { ElicitRequestURLParams, ElicitResult } from "@modelcontextprotocol/client";
import * as z from "zod";
import type { CallOutcome } from "./connected.js";
import type { Questions } from "./user-questions.js";

/** The protocol's error for a call that takes something of the user first, at an address. */
const addressRequired = -32042;

const mostAddresses = 5;
const refused = () =>
  z.object({ code: z.literal(addressRequired), data: z.object({ elicitations: z.array(z.unknown()) }) });
const wanted = () => z.object({ message: z.string(), url: z.url(), elicitationId: z.string() });

/** Where a server wants the user to do something before it does what it was asked; none where it is another error. */
export function addressesIn(thrown: unknown): ElicitRequestURLParams[] {
  const { data } = refused().safeParse(thrown);
  return (data?.data.elicitations ?? []).slice(0, mostAddresses).flatMap((one) => {
    const read = wanted().safeParse(one);
    return read.success ? [{ ...read.data, mode: "url" as const }] : [];
  });
}

/**
 * Asks the user to do what is wanted there. The call was not carried out and is not repeated either: where the user has
 * done it, the model is told to use the command again.
 */
export async function sendToAddresses(
  addresses: readonly ElicitRequestURLParams[],
  questions: Pick<Questions, "ask">,
): Promise<CallOutcome> {
  let action: ElicitResult["action"] = "accept";
  for (const address of addresses) if (action === "accept") ({ action } = await questions.ask(address));
  const hosts = [...new Set(addresses.map(({ url }) => new URL(url).host || url.slice(0, 100)))].join(", ");
  return {
    kind: "not-done",
    problem: `the server wants the user to do something at ${hosts} first, ${whatCameOfIt[action]}`,
  };
}

const whatCameOfIt: Readonly<Record<ElicitResult["action"], string>> = {
  accept: "and the user says that it is done: use the command again",
  decline: "and the user was not asked, or does not want to",
  cancel: "and nobody has said that it is done",
};
