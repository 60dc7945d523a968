import type { Sandbox } from "../../sandbox/sandbox.js";
import type { Sandboxes } from "../../sandbox/sandboxes.js";
import type { Review } from "../command.js";
import type { Reach } from "../reach.js";

/**
 * How code reaches outside that would run in this sandbox: not at all where it is offline, or where the user has named the
 * hosts that it may reach. `requests` is all that it asks for, where that can be told.
 */
export function reachOfCode(
  sandbox: Sandbox | null,
  { network }: Pick<Sandboxes, "network">,
  requests: readonly Reach[] | null = null,
): Pick<Review, "reach"> {
  if (sandbox === null || sandbox.offline || (sandbox.confined && network === "named hosts")) return {};
  return { reach: { kind: "runs", offline: sandbox.confined, requests } };
}
