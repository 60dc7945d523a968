import { readObject, type FoundObject } from "./read-object.js";

/** An opening brace, unless it only stands around a few words of prose, as in `{name}`. */
const objectStart = /\{(?![^{}"'`“”„‘’\n]{0,200}\})/g;

/** More objects than this in one reply are no reply. */
const mostObjects = 100;

/** The reply without what a reasoning model thought aloud before it; "" where the thinking does not end. */
export function withoutThinking(reply: string): string {
  const end = /<\/think(?:ing)?>/i.exec(reply);
  const isOpened = /^<think(?:ing)?>/i.test(reply);
  if (end === null) return isOpened ? "" : reply;
  const rest = reply.slice(end.index + end[0].length).trim();
  const isReply = /^(?:\{|```)/.test(reply);
  return isOpened || (!isReply && /^(?:\{|```)/.test(rest)) ? rest : reply;
}

/**
 * The objects that stand side by side in a text, in fences, prose or alone, up to the first that cannot be read: what is
 * inside that one is not looked at, lest a part of an argument be taken for a reply.
 */
export function findObjects(text: string): FoundObject[] {
  const found: FoundObject[] = [];
  const search = new RegExp(objectStart);
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const object = readObject(text, match.index);
    const listed = isListed(text, match.index);
    found.push(listed ? { ...object, problem: "The reply is a list: give one object with one command." } : object);
    if (object.problem !== null || found.length >= mostObjects) break;
    search.lastIndex = object.end;
  }
  return found;
}

/** The object is an element of a list. */
const isListed = (text: string, start: number): boolean => /\[\s*$/.test(text.slice(Math.max(0, start - 100), start));
