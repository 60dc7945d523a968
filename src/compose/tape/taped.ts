import type { Steering } from "../../agent/step-stops.js";
import type { TimeLimits } from "../../base/waiting/time-limits.js";
import type { Tape } from "../../cassette/tape.js";
import type { Command, CommandContext } from "../../commands/command.js";
import { allCommands } from "../../commands/index.js";
import type { Skills } from "../../commands/skills.js";
import type { Check, SearchText } from "../../goals/check.js";
import { allChecks } from "../../goals/index.js";
import { searchPattern } from "../../goals/search-pattern.js";
import type { Answers } from "../../history/questions/answers-file.js";
import type { Messages } from "../../history/questions/messages.js";
import type { Web } from "../../web/web.js";
import type { AgentRequest } from "../agent/request.js";
import type { Code } from "../code.js";

// Everything else through which something comes into a run from outside, behind a tape.

export const tapedWeb = (web: Web, tape: Tape | null): Web => (tape === null ? web : onTapeWeb(web, tape));

const onTapeWeb = (web: Web, tape: Tape): Web => ({
  ...web,
  search: (query, signal) => tape.outcome("search", { query }, () => web.search(query, signal), signal),
  readPage: (address, signal, ...rest) =>
    tape.outcome("page", { address }, () => web.readPage(address, signal, ...rest), signal),
  request: (address, timeoutMs, signal) =>
    tape.outcome("web-request", { address }, () => web.request(address, timeoutMs, signal), signal),
});

/** Programs of checks, and what of this machine decides which commands there are. Commands that run code are taped as a whole. */
export const tapedCode = (code: Code, tape: Tape | null): Code => (tape === null ? code : onTapeCode(code, tape));

const onTapeCode = (code: Code, tape: Tape): Code => ({
  ...code,
  context: {
    ...code.context,
    jobs: {
      ...code.context.jobs,
      running: () => tape.reading("jobs-running", () => code.context.jobs.running()),
      started: () => tape.reading("jobs-started", () => code.context.jobs.started()),
    },
  },
  runShell: (signal, atMost) => {
    const run = code.runShell(signal, atMost);
    return (line, seconds) => tape.outcome("check", { line }, () => run(line, seconds), signal);
  },
  problemWithChecks: () => tape.readingLater("problem-with-checks", () => code.problemWithChecks()),
  runnable: (continuous) => tape.readingLater("runnable", () => code.runnable(continuous)),
});

export const tapedSkills = (skills: Skills | null, tape: Tape | null): Skills | null =>
  skills === null || tape === null
    ? skills
    : {
        load: (name) => tape.outcome("skill", { name }, () => skills.load(name)),
        read: (name, files) => tape.outcome("skill-files", { name, files }, () => skills.read(name, files)),
      };

export const tapedMessages = (messages: Messages, tape: Tape | null): Messages =>
  tape === null ? messages : { ...messages, unheard: () => tape.readingLater("message", () => messages.unheard()) };

export const tapedAnswers = (answers: Answers, tape: Tape | null): Answers =>
  tape === null
    ? answers
    : { ...answers, next: (asking, signal) => tape.outcome("answer", asking, () => answers.next(asking, signal)) };

/**
 * What the person approves, and says after stopping a step; and how long the run has worked, where that decides something. What they
 * answer to a server is for it alone: its call is taped as a whole, with the result.
 */
export function tapedRequest(request: AgentRequest, tape: Tape): AgentRequest {
  const { ask, steering, limits, elapsedMs, checks } = request;
  return {
    ...request,
    commands: tapedCommands(request, tape),
    checks: checks.map((check) => (isCheckOfOthers(check) ? tapedCheck(check, tape) : check)),
    ask: (question, signal) =>
      tape.outcome("approval", { step: question.step, command: question.command }, () => ask(question, signal), signal),
    ...(steering && { steering: tapedSteering(steering, tape) }),
    ...(limits.seconds !== null && { elapsedMs: () => tape.reading("elapsed", elapsedMs) }),
  };
}

export const isCheckOfOthers = ({ name }: Pick<Check, "name">): boolean => allChecks.every((own) => own.name !== name);

const tapedCheck = (check: Check, tape: Tape): Check => ({
  ...check,
  run: (value, context) =>
    tape.outcome("check-of-others", { name: check.name, value }, () => check.run(value, context)),
});

const tapedSteering = (steering: Steering, tape: Tape): Steering => ({
  ...steering,
  afterStop: () => tape.outcome("after-stop", {}, () => steering.afterStop()),
});

/** Makes the changes in the workspace that a command of this step made. */
type Change = (step: number, context: CommandContext) => Promise<void>;

/**
 * Commands that reach outside by themselves: those that run code or fetch files, and all of extensions and servers. They are never
 * carried out in a replay; what they changed in the workspace is changed by `change`.
 */
function tapedCommands({ commands, taping }: AgentRequest, tape: Tape): Command[] {
  const change: Change = async (step, { workspace }) =>
    taping?.kind === "replay" ? taping.change(step, workspace) : undefined;
  return commands.map((command) =>
    reachesOutside(command) ? tapedCommand(command, tape, change) : timedCommand(command, tape, change),
  );
}

/** Commands that are carried out in a replay as well: of these, limits of time and who stops a step are on tape. */
function timedCommand(command: Command, tape: Tape, change: Change): Command {
  const { name, preview } = command;
  const timed: Command = {
    ...command,
    async run(args, context) {
      let isCarriedOut = false;
      const work = (timeLimits: TimeLimits) => {
        isCarriedOut = true;
        return Promise.resolve(command.run(args, { ...context, timeLimits }));
      };
      try {
        return await tape.timed("timed-command", { name, args }, work, context.signal);
      } finally {
        if (!isCarriedOut && !context.runSignal.aborted) await change(context.step, context);
      }
    },
  };
  if (preview)
    timed.preview = (args, context) =>
      tape.timed("timed-preview", { name, args }, (timeLimits) =>
        preview.call(command, args, { ...context, timeLimits }),
      );
  return timed;
}

/** Looks for patterns in what checks judge. */
export const tapedSearch = (tape: Tape | null): SearchText =>
  tape === null
    ? searchPattern
    : (text, pattern) =>
        tape.timed("timed-search", { pattern, characters: text.length }, (timeLimits) =>
          searchPattern(text, pattern, timeLimits),
        );

const outside: ReadonlySet<string | undefined> = new Set(["shell", "python", "downloads"]);

export const isOfOthers = ({ name }: Command): boolean => allCommands.every((own) => own.name !== name);

const reachesOutside = (command: Command): boolean =>
  isOfOthers(command) || command.effect === "runs code" || outside.has(command.needs);

function tapedCommand(command: Command, tape: Tape, change: Change): Command {
  const { name, review, preview, touches, foreign } = command;
  const taped: Command = {
    ...command,
    async run(args, context) {
      const result = await tape.outcome(
        "command",
        { name, args },
        () => Promise.resolve(command.run(args, context)),
        context.signal,
      );
      if (tape.replays) await change(context.step, context);
      return result;
    },
  };
  if (review)
    taped.review = (args, context) =>
      tape.outcome("review", { name, args }, () => review.call(command, args, context), context.signal);
  if (preview)
    taped.preview = (args, context) =>
      tape.outcome("preview", { name, args }, () => preview.call(command, args, context), context.signal);
  if (!isOfOthers(command)) return taped;
  if (touches) taped.touches = (args) => tape.reading(`touches ${name}`, () => touches.call(command, args));
  if (foreign) taped.foreign = (args) => tape.reading(`foreign ${name}`, () => foreign.call(command, args));
  return taped;
}
