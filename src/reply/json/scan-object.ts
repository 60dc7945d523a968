import { deepest } from "../../base/json.js";
import { closersOf, isComment, isSpaceAt, skipSpace } from "./closing-quote.js";
import { createAsciiText, type AsciiText } from "./ascii-text.js";
import { ofKind } from "./of-kind.js";
import { readText, type Text } from "./read-text.js";
import { longestBareToken } from "./strict-object.js";

/**
 * An open container: `key` names the member being read (null between members), `valueDue` is true behind its colon.
 */
type Frame = { closer: "}" | "]"; key: string | null; valueDue: boolean };

/**
 * An object as it stands in a source. `outline` is its JSON with every text, in order, replaced by the placeholder, up to the
 * last complete value and with the closing brackets that were still due, so that texts cannot be touched by what repairs it.
 */
export type Scan = {
  outline: string;
  texts: string[];
  /** The keys of the object itself, in order, repeated ones included. */
  keys: string[];
  end: number;
  /** The source ended before the object did: `open` are the keys that were being read there, outermost first. */
  cut: { open: (string | null)[] } | null;
  /** What makes it unreadable, and where. */
  fault: { what: string; at: number } | null;
};

/** Stands for a text in an outline. The same for each of them: objects with a name of its own for each key take long to parse. */
export const placeholder = '"t"';

type State = Omit<Scan, "outline" | "end"> & {
  source: string;
  at: number;
  /** The outline so far. */
  written: AsciiText;
  frames: Frame[];
  /** How long the outline was when a value was last complete. No container opens or closes behind that. */
  complete: number;
};

/** Reads the object that begins at `start` in one pass, forgiving what does not change a text. Never throws. */
export function scanObject(source: string, start: number): Scan {
  const state = stateAt(source, start);
  do scanToken(state);
  while (state.fault === null && state.frames.length > 0 && state.at < source.length);
  const { texts, keys, frames, fault, complete } = state;
  if (fault === null && frames.length > 0) state.cut = { open: frames.map(({ key }) => key) };
  const due = frames.map(({ closer }) => closer).reverse();
  const outline = state.written.start(complete) + due.join("");
  return { outline, texts, keys, end: Math.min(state.at, source.length), cut: state.cut, fault };
}

/** In one literal: V8 reads and writes the fields of an object that was put together from several at half the speed. */
const stateAt = (source: string, at: number): State => ({
  source,
  at,
  written: createAsciiText(),
  complete: 0,
  texts: [],
  keys: [],
  frames: [],
  cut: null,
  fault: null,
});

function scanToken(state: State): void {
  const { source, at } = state;
  const character = source.charAt(at);
  if (isSpaceAt(source, at)) emit(state, " ", skipSpace(source, at));
  else if (isComment(source, at)) emit(state, " ", endOfComment(source, at));
  else if (character === "`" && source.startsWith("```", at)) state.at = source.length;
  else if (character === "{" || character === "[") open(state, character === "{" ? "}" : "]");
  else if (character === "}" || character === "]") close(state, character);
  else if (character === "," || character === ":") separate(state, character);
  else if (closersOf(character) !== undefined) scanText(state);
  else scanBare(state);
}

function emit(state: State, piece: string, next: number): void {
  state.written.add(piece);
  state.at = next;
}

function fail(state: State, what: string): void {
  state.fault = { what, at: state.at };
}

function open(state: State, closer: Frame["closer"]): void {
  if (state.frames.length >= deepest) return fail(state, `more than ${deepest} objects or lists are nested`);
  state.frames.push({ closer, key: null, valueDue: false });
  emit(state, closer === "}" ? "{" : "[", state.at + 1);
  state.complete = state.written.length();
}

function close(state: State, closer: string): void {
  const frame = state.frames.at(-1);
  if (frame?.closer !== closer) return fail(state, `"${closer}" closes what "${frame?.closer}" should close`);
  if (frame.key !== null) return fail(state, `the key ${JSON.stringify(frame.key.slice(0, 60))} has no value`);
  state.frames.pop();
  emit(state, closer, state.at + 1);
  endValue(state);
}

function separate(state: State, mark: string): void {
  const frame = state.frames.at(-1);
  if (frame && mark === ":") frame.valueDue = true;
  emit(state, mark, state.at + 1);
}

function endValue(state: State): void {
  const frame = state.frames.at(-1);
  if (frame) {
    frame.key = null;
    frame.valueDue = false;
  }
  state.complete = state.written.length();
}

/** A key, or a text value with the parts that `+` joins to it. */
function scanText(state: State): void {
  const { source, frames } = state;
  const frame = frames.at(-1);
  const key = frame?.closer === "}" && !frame.valueDue;
  const position = { key, list: frame?.closer === "]", depth: frames.length };
  const parts: Text[] = [readText(source, state.at, position)];
  for (let plus = plusBehind(source, parts, key); plus !== null; plus = plusBehind(source, parts, key)) {
    parts.push(readText(source, plus, position));
  }
  const last = parts.at(-1);
  if (last === undefined) return;
  if (parts.some(({ doubtful }) => doubtful))
    return fail(state, "quotes inside a text are not escaped, or a value is an expression");
  const text = parts.map((part) => part.text).join("");
  if (key) return endKey(state, text, last.end);
  if (!last.closed) {
    state.at = source.length;
    return;
  }
  emitText(state, text, last.end);
  endValue(state);
}

/** Where the next part of a text joined with `+` begins; null where there is none. */
function plusBehind(source: string, parts: readonly Text[], key: boolean): number | null {
  const last = parts.at(-1);
  if (key || !last?.closed) return null;
  const plus = skipSpace(source, last.end);
  const next = skipSpace(source, plus + 1);
  return source[plus] === "+" && closersOf(source[next]) !== undefined ? next : null;
}

function emitText(state: State, text: string, next: number): void {
  emit(state, placeholder, next);
  state.texts.push(text);
}

function endKey(state: State, key: string, next: number): void {
  const frame = state.frames.at(-1);
  if (frame) frame.key = key;
  const follower = skipSpace(state.source, next);
  if (follower < state.source.length && state.source[follower] !== ":") {
    return fail(state, `no colon follows the key ${JSON.stringify(key.slice(0, 60))}`);
  }
  if (state.frames.length === 1) state.keys.push(key);
  emitText(state, key, next);
}

const constants: ReadonlyMap<string, string> = new Map([
  ["true", "true"],
  ["false", "false"],
  ["null", "null"],
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
]);

const bareToken = /(?:[A-Za-z_$][\w$-]*|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const endsBareToken = ofKind(/[,}\]/#`]/);

const isNumberStart = ofKind(/[-\d]/);

const isExpression = "a value is an expression, not JSON";

/** A number, a constant of JSON or Python, a key or a command's name without quotes. Nothing else is guessed. */
function scanBare(state: State): void {
  const { source, at } = state;
  bareToken.lastIndex = at;
  if (!bareToken.test(source))
    return fail(state, `${JSON.stringify(source.charAt(at))} stands where JSON has no such thing`);
  const end = bareToken.lastIndex;
  if (end - at > longestBareToken) return fail(state, isExpression);
  const token = source.slice(at, end);
  if (end === source.length) {
    state.at = end;
    return;
  }
  const frame = state.frames.at(-1);
  const isWord = !isNumberStart(token.charAt(0));
  if (isWord && frame?.closer === "}" && !frame.valueDue && source[skipSpace(source, end)] === ":") {
    return endKey(state, token, end);
  }
  if (!isSpaceAt(source, end) && !endsBareToken(source.charAt(end))) return fail(state, isExpression);
  const constant = isWord ? constants.get(token) : token;
  if (constant !== undefined) emit(state, constant, end);
  else if (isCommandName(state.frames)) emitText(state, token, end);
  else return fail(state, `${JSON.stringify(token.slice(0, 60))} is not in quotes`);
  endValue(state);
}

/** The value that is due is the command's name, which cannot be an expression. */
const isCommandName = ([root, command, deeper]: readonly Frame[]): boolean =>
  root?.key === "command" &&
  deeper === undefined &&
  (command === undefined ? root.valueDue : command.key === "name" && command.valueDue);

function endOfComment(source: string, at: number): number {
  const closer = source.startsWith("/*", at) ? "*/" : "\n";
  const end = source.indexOf(closer, at);
  return end === -1 ? source.length : end + closer.length;
}
