import { mostObjects, objectStart } from "./find-objects.js";
import { readObject } from "./json/read-object.js";
import { readToolCall, toolCallStart } from "./tool-call.js";

/** An opening mark of thinking, as today's reasoning models and their servers write it, and what closes it. */
type Mark = { open: RegExp; close: RegExp; closeHere: RegExp };

const tag =
  "think|thinking|thoughts?|thought_process|thinking_process|inner_(?:monologue|thoughts?)|reason|reasoning|rationale|reflection|analysis|scratchpad|cot|" +
  "seed:think|longcat_think|antml:thinking";
const marks: readonly Mark[] = [
  { open: new RegExp(`<(?:${tag})(?:\\s[^<>]{0,200})?>`, "iy"), close: new RegExp(`</(?:${tag})\\s*>`, "gi") },
  { open: /\[THINK\]/y, close: /\[\/THINK\]/g },
  { open: /◁think▷/y, close: /◁\/think▷/g },
  { open: /<\|(?:begin_of_thought|startofthought|think)\|>/y, close: /<\|(?:end_of_thought|endofthought|\/think)\|>/g },
  { open: /<\|channel>thought\b/y, close: /<channel\|>/g },
  { open: /<unused94>/y, close: /<unused95>/g },
  { open: /<\|START_THINKING\|>/iy, close: /<\|END_THINKING\|>/gi },
].map((mark) => ({ ...mark, closeHere: new RegExp(mark.close.source, mark.close.flags.replace("g", "y")) }));

const markStart = `<(?=/?(?:${tag})[\\s>]|\\||channel\\||unused9)|\\[(?=/?THINK\\])|◁`;
const anyMark = new RegExp(markStart, "i");

/** Where a mark or an object may begin; a brace that only stands around a few words of prose begins none. */
const start = new RegExp(`${markStart}|${objectStart.source}|${toolCallStart.source}`, "gi");

/** The closing mark alone, at the end of a line, where no text within an object has it. */
const closeOfLine = new RegExp(`</(?:${tag})\\s*>[ \\t]*\\r?\\n\\s*(?=\\{|\`\`\`)`, "i");

/**
 * A reply without what the model thought aloud: between marks of thinking, behind one that is never closed, before a
 * closing mark that stands alone, and in every channel but the final one (OpenAI's harmony format). Marks inside an
 * object are text of that object. "" where nothing but thinking is left. Takes time in proportion to the length.
 */
export function withoutThinking(reply: string): string {
  const final = finalChannel(reply);
  // Objects are read only where a mark might stand in one of them.
  if (!anyMark.test(final)) return final.trim();
  const { kept, isBroken } = keepAnswer(final);
  return (isBroken ? afterClosingLine(kept) : kept).trim();
}

/** What some models say in words around their thinking, and before their answer. */
const inWords: readonly { begins: RegExp; answer: RegExp }[] = [
  { begins: /^Here(?: is|'s) my thought process:/i, answer: /Here(?: is|'s) my response:/gi },
  { begins: /^Here are my reasoning steps:/i, answer: /\[BEGIN FINAL RESPONSE\]/g },
  // Harmony without its special tokens, as some servers pass it on.
  { begins: /^analysis(?=[A-Z{"'*])/, answer: /assistantfinal/g },
];

/** The part of a reply in channels that is the answer; a reply without channels is whole. */
function finalChannel(reply: string): string {
  if (/^[^{]*<\|channel\|>/.test(reply)) {
    const parts = reply.split("<|channel|>");
    const isFinal = parts.map((part, index) => index > 0 && /^\s*final\b/.test(part));
    if (!isFinal.includes(true)) return parts.map((part, index) => callOf(parts[index - 1], part)).join("\n");
    return parts.map((part, index) => (isFinal[index] ? messageOf(part) : "")).join("\n");
  }
  const said = inWords.find(({ begins }) => begins.test(reply));
  if (said === undefined) return reply;
  const [answer, ...others] = reply.matchAll(said.answer);
  return answer && others.length === 0 ? reply.slice(answer.index + answer[0].length) : "";
}

/** A call of a function, which has the channel "commentary" and names its recipient before or in the header; "" for any other part. */
function callOf(before: string | undefined, part: string): string {
  if (before === undefined || !/^\s*commentary\b/.test(part)) return "";
  const header = part.split("<|message|>")[0] as string;
  const recipient =
    /\bto=([\w.-]{1,100})/.exec(header.slice(0, 300)) ?? /\bto=([\w.-]{1,100})\s*$/.exec(before.slice(-200));
  return recipient ? `<|channel|>commentary to=${recipient[1]}<|message|>${messageOf(part)}` : "";
}

/** The text of one channel, without its header and its ending token. */
function messageOf(part: string): string {
  const begins = part.indexOf("<|message|>");
  if (begins === -1) return "";
  return part.slice(begins + "<|message|>".length).split(/<\|(?:end|return|call|start)\|>/)[0] as string;
}

/** What stands outside of marks; `isBroken`: an object that cannot be read is in it, so that marks may hide there. */
function keepAnswer(reply: string): { kept: string; isBroken: boolean } {
  let kept = "";
  let from = 0;
  let objects = 0;
  for (let at = next(reply, 0); at !== -1;) {
    if (reply[at] === "{") {
      const { end, problem, cut } = readObject(reply, at);
      objects += 1;
      // With so many it is no reply in any case.
      if (problem !== null || cut || objects > mostObjects) return { kept: kept + reply.slice(from), isBroken: true };
      at = next(reply, Math.max(end, at + 1));
      continue;
    }
    const call = readToolCall(reply, at);
    if (call) {
      objects += 1;
      if (call.problem !== null || objects > mostObjects) return { kept: kept + reply.slice(from), isBroken: false };
      at = next(reply, call.end);
      continue;
    }
    const opened = marks.find(({ open }) => matchEnd(open, reply, at) !== -1);
    const closed = opened ? undefined : marks.find(({ closeHere }) => matchEnd(closeHere, reply, at) !== -1);
    if (opened) {
      kept += reply.slice(from, at);
      from = matchEnd(opened.close, reply, at);
      if (from === -1) return { kept, isBroken: false };
    } else if (closed) {
      // All that came before was thinking, whose opening mark the server has taken away.
      kept = "";
      from = matchEnd(closed.closeHere, reply, at);
    }
    at = next(reply, opened || closed ? from : at + 1);
  }
  return { kept: kept + reply.slice(from), isBroken: false };
}

function next(text: string, from: number): number {
  start.lastIndex = from;
  return start.exec(text)?.index ?? -1;
}

/** Behind what a sticky expression finds at `at`, or a global one from `at` on; -1 where it finds nothing. */
function matchEnd(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : -1;
}

/** Of a reply with an unreadable object: what comes behind the closing line of thinking, where the reply began with prose. */
function afterClosingLine(reply: string): string {
  if (/^(?:\{|```)/.test(reply)) return reply;
  const end = closeOfLine.exec(reply);
  return end === null ? reply : reply.slice(end.index + end[0].length);
}
