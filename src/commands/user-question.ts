/** Something that a command needs to know of the user, as somebody else asks it. */
export type UserQuestion = {
  /** Who asks: the command, and the arguments of this call. */
  from: string;
  args: Readonly<Record<string, unknown>>;
  message: string;
  asks:
    | {
        kind: "form";
        /** The JSON Schema that all answers together have to fit. */
        schema: Readonly<Record<string, unknown>>;
        fields: readonly UserField[];
        /** Why these do not fit, in words; null where they do. */
        check(answers: Answers): Promise<string | null>;
      }
    /** Something to be done at an address, which nobody but the user opens. */
    | { kind: "address"; address: string };
};

export type Answers = Readonly<Record<string, unknown>>;

/** One thing that is asked for. */
export type UserField = {
  name: string;
  /** What is asked for, in a line, with what may be entered. */
  label: string;
  required: boolean;
  /** What counts where nothing is entered; undefined where there is no such value. */
  usual: unknown;
  /** What was entered, as a value; else what is wrong with it, in a sentence. */
  read(text: string): Promise<{ ok: true; value: unknown } | { ok: false; problem: string }>;
};

/** `nobody`: no person could be asked; `parks`: then the run is to end after this step, until one can be. */
export type UserReply =
  | { kind: "answered"; answers: Answers }
  | { kind: "declined" }
  | { kind: "dismissed" }
  | { kind: "nobody"; parks: boolean };

/** The reason of a signal where whoever asked does not wait for an answer any more. */
export class QuestionOver extends Error {
  constructor() {
    super("nobody waits for an answer any more");
    this.name = "QuestionOver";
  }
}

/** Asks the user. Rejects with the signal's reason only. */
export type AskUser = (question: UserQuestion, signal: AbortSignal) => Promise<UserReply>;
