import { execFileSync } from "node:child_process";
import { needsProgram, type Surroundings } from "../../support/services/services.js";

/** Computers in a network of their own, as network namespaces of this one. */
export type Network = {
  /** The beginning of a command line that runs the rest on a computer. */
  on(computer: string): string[];
  addressOf(computer: string): string;
  /** Pulls a computer's cable, or plugs it in again. */
  cable(computer: string, plugged: boolean): void;
};

const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });

/** Null, and the test skipped, where namespaces may not be made. Nothing of this computer's own network is touched. */
export async function startNetwork(t: Surroundings, computers: readonly string[]): Promise<Network | null> {
  if (!(await needsProgram(t, "ip", "iproute2"))) return null;
  const space = (name: string): string => `autogpt-${process.pid}-${name}`;
  const made: string[] = [];
  t.after(() => made.forEach((name) => ip("netns", "delete", space(name))));
  const make = (name: string): void => {
    ip("netns", "add", space(name));
    made.push(name);
    ip("-n", space(name), "link", "set", "lo", "up");
  };
  try {
    make("switch");
    ip("-n", space("switch"), "link", "add", "bridge", "type", "bridge");
    ip("-n", space("switch"), "link", "set", "bridge", "up");
  } catch (thrown) {
    const message = `needs network namespaces, which may not be made here: ${String((thrown as { stderr?: Buffer }).stderr ?? thrown)}`;
    if (process.env["CI"]) throw new Error(message, { cause: thrown });
    t.skip(message);
    return null;
  }
  const addressOf = (computer: string): string => `10.77.0.${computers.indexOf(computer) + 1}`;
  for (const [index, computer] of computers.entries()) {
    make(computer);
    const port = `port${index}`;
    ip(
      "link",
      "add",
      "cable",
      "netns",
      space(computer),
      "type",
      "veth",
      "peer",
      "name",
      port,
      "netns",
      space("switch"),
    );
    ip("-n", space("switch"), "link", "set", port, "master", "bridge", "up");
    ip("-n", space(computer), "address", "add", `${addressOf(computer)}/24`, "dev", "cable");
    ip("-n", space(computer), "link", "set", "cable", "up");
  }
  return {
    on: (computer) => ["ip", "netns", "exec", space(computer)],
    addressOf,
    cable: (computer, plugged) =>
      ip("-n", space("switch"), "link", "set", `port${computers.indexOf(computer)}`, plugged ? "up" : "down"),
  };
}
