import * as z from "zod";
import { decisions } from "../../history/approval-rule.js";
import { guardChecks } from "../../goals/guards.js";
import { accesses } from "../../protection/rule.js";
import { hooksForm } from "./programs/hooks.js";
import { type aiSettingsKeys, mostGoals, type CheckShape } from "./ai.js";

const text = z.string().min(1);
const decision = z.enum([...decisions, "always repeatable", "ask repeatable"]);

/**
 * The form of ai_settings.yaml, for editors: what `parseAiSettings` takes, with the checks that goals may have. That one
 * takes a little more (a goal like `Note: call them`, decisions in capitals), and says in words what is wrong, and where.
 */
export const aiSettingsForm = (checks: readonly CheckShape[]): z.ZodType =>
  z
    .looseObject({
      ai_name: text.describe("What the AI is called; what it remembers is kept under this name"),
      ai_role: text.describe("What the AI is, in a sentence that goes on from its name"),
      ai_goals: z.array(goalForm(checks)).min(1).max(mostGoals).describe("What it is to reach"),
      api_budget: z
        .union([z.number().min(0), z.string().regex(/^\$?\d*\.?\d+$/)])
        .nullish()
        .describe(
          "What a run may cost at the most, in US dollars; 0 or nothing: no such limit. --max-cost wins over it",
        ),
      must_not: z
        .array(z.union(guardChecks.map(({ name, value }) => z.strictObject({ [name]: value }))))
        .nullish()
        .describe(
          "What must not happen: files and folders that have to stay as they are, commands that have to go on passing, " +
            "files and patterns that may not be there",
        ),
      approve: z
        .record(z.string(), z.union([decision, z.record(z.string(), decision)]))
        .nullish()
        .describe(
          "Commands that run unasked, are asked about, or are refused: always, ask, never. Below a command, patterns " +
            "(* any text, ? one character, [*] and [?] these signs) for its calls may have one each. The first that fits " +
            "counts. Behind always and ask may stand repeatable: a call that was cut short is run again when the run goes on",
        ),
      protect: z
        .array(z.union([text, z.record(z.string(), z.enum(accesses))]))
        .nullish()
        .describe(
          "Patterns for files of the workspace that commands may read and not change; behind one may stand read-only, " +
            "hidden, or open for what the built-in list keeps read-only. The last that fits counts",
        ),
      extensions: z
        .array(text)
        .nullish()
        .describe(
          "Modules with commands and checks of somebody else's: paths that begin with ./, from this file's folder on, or " +
            "names of installed packages. They run with your rights, so each needs your yes once",
        ),
      ...mcpForm(),
      hooks: hooksForm(),
    } satisfies Record<(typeof aiSettingsKeys)[number], z.ZodType>)
    .meta({ title: "The AI of autogpt", description: "Who the AI is, and what it is to reach: ai_settings.yaml" });

const mcpForm = () => ({
  mcpServers: z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,40}$/), z.looseObject({}))
    .nullish()
    .describe(
      "MCP servers, each by its name: command, args, env and cwd of a program, or url and headers of a server " +
        "elsewhere, as in .mcp.json. They run with your rights, so each needs your yes once",
    ),
  tools: z
    .array(text)
    .nullish()
    .describe(
      "The MCP servers whose tools the run has, or some of their tools, such as files.read_*; without this, all",
    ),
});

const goalForm = (checks: readonly CheckShape[]) =>
  z.union([
    text.describe("A goal without checks: it can be claimed, not proven"),
    z
      .strictObject({
        goal: text.describe("What is to be reached"),
        checks: z
          .array(
            z.union([...checks.map(({ name, value }) => z.strictObject({ [name]: value })), checkOfExtension(checks)]),
          )
          .nullish()
          .describe("All of them must pass; the program carries them out itself"),
        protects: z
          .union([text, z.array(text)])
          .nullish()
          .describe("Files, folders or patterns that the checks judge by, such as tests: fixed at the start"),
      })
      .describe("A goal with checks"),
  ]);

/** A check that an extension brings: its name is none of the others. */
const checkOfExtension = (checks: readonly CheckShape[]) =>
  z
    .record(
      z.string().regex(new RegExp(`^(?!(?:${checks.map(({ name }) => name).join("|")})$)[a-z][a-z0-9_]*$`)),
      z.unknown(),
    )
    .meta({ description: "A check that one of the extensions brings", minProperties: 1, maxProperties: 1 });
