import * as z from "zod";
import { count, name, text } from "../event-parts.js";

/** Whose words a text may hold that are not the user's. */
export const foreignKinds = [
  "page",
  "search",
  "file",
  "file names",
  "sub-agent",
  "program",
  "extension",
  "server",
  "memory",
  "attachment",
] as const;
export type ForeignKind = (typeof foreignKinds)[number];

/** Where a text comes from that may hold words of others. */
export type Foreign = { kind: ForeignKind; from: string };

/** What a command is held to: no network; no redirect to another site than the one it names. */
export const bounds = z.object({
  offline: z.literal(true).describe("It has no network").exactOptional(),
  oneSite: z.literal(true).describe("No redirect to another site is followed").exactOptional(),
});
export type Bounds = z.infer<typeof bounds>;

const step = count("The step it belongs to, from 1");

/** What is known of text that others wrote, and of what was not done because of it. */
export const taintEvents = {
  "context-tainted": z
    .object({
      step: step.describe("The step in which it was read or recalled"),
      kind: name(foreignKinds, "What it was"),
      from: text("Which: an address, a path, a command line, a key"),
    })
    .describe("From here on the context holds text that others wrote; once for each source"),
  "effect-stopped": z
    .object({
      step,
      command: text("The command's name"),
      reason: text("What it would have done outside the workspace"),
      instead: name(
        ["refused", "asked", "offline"],
        "What was done about it: refused; the user was asked, whatever the mode; offline: it ran without network",
      ),
    })
    .describe("A command was not simply let run, because text that others wrote may have led to it"),
};
