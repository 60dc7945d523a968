import { once } from "../base/keeping/once.js";
import { firstCharacters, onOneLine, wordList } from "../base/text.js";

/** The prose on both sides of an object. `lead` is the part of `before` that stands behind the command before it, if any. */
export type Surroundings = { before: string; lead: string; after: string };

/** Phrases with their spaces as underscores, as whole words of any script. */
const phrases = (list: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}_])(?:${wordList(list).join("|").replaceAll("_", "\\s+")})(?![\\p{L}\\p{N}_])`, "iu");

/** Negation, on either side of an object; a plain "no" has other meanings behind it. */
const negations = `
  not never cannot \\p{L}+n['’]t nor neither nope instead_of rather_than wrong mistake(?:nly)?
  nicht nie(?:mals)? kein(?:e[nmrs]?)? statt anstatt nein falsch pas jamais au_lieu non(?!-) plutôt nunca jamás tampoco en_lugar en_vez
  no_(?:l[oae]s?|voy|debo|debería|quiero|puedo|es|se|me|hay|haré) invece não niet nooit geen nie nigdy не нет никогда вместо`;
const foreignNegations = /不|别|沒|没|而是|ない|ません|않|아니|말고|안\s/u;

/** What makes an object one of several, a case that is only thought of, or an example. */
const examples = `
  examples? e\\.g samples? hypothetical(?:ly)? alternatively alternatives? drafts? imagine suppose pretend
  beispiel(?:e|sweise)? z\\.\\s?b exemples? ejemplos? esempi?o? exemplos? (?:bij)?voorbeeld(?:en)? przykład(?:owo)? например пример
  vielleicht peut-être quizás? talvez forse misschien возможно może`;
const foreignExamples = /例如|比如|示例|范例|可能|也许|例えば|たとえば|예를\s?들|예시|예:/u;

/** In the sentence that leads to an object: what keeps it from being what is done now. */
const inLead = once((): readonly RegExp[] => [
  phrases(`${negations} no avoid(?:ing)? refuse refrain forbidden such_as options? like_this_one
    would(?!_like_to) could might may maybe perhaps possibly if unless (?:something|anything|things?|commands?|objects?|calls?)_like
    thought_(?:of|about) thinking_(?:of|about) consider(?:ed|ing)? tempted (?:was|were)_going_to planned_to used_to later eventually last_time already
    says? said told wrote reads contain(?:s|ed) instruct(?:s|ed) wants wanted quot(?:es?|ed|ing) (?:it|he|she|they|page|user|file|site|website|text|message)_(?:asks|asked|suggests|suggested|recommends|recommended)
    würdes?t? könnte wenn falls sagt(?:e)? aurais pourrais pourrait podría habría potrei poderia zou если бы можно ${examples}`),
  foreignNegations,
  foreignExamples,
  /如果|要是|もし|만약/u,
  /(?:^|\n)\s*(?:like|user|human|system|you)\b\s*:?\s*$/i,
  /(?:^|\n)\s*(?:should|shall|may|can|could)\s+(?:i|we)\b/i,
]);

/** The same in a sentence that ends before the object does begin, and may speak of something else: only what says that this is not done. */
const inFinishedLead = once((): readonly RegExp[] => [
  phrases(`(?:I|we|you)_(?:will|would|should|shall|must|may|dare)_(?:not|never) (?:I|we|you)_(?:wo|would|should|must|sha)n['’]t
    (?:I|we)_(?:do_not|don['’]t)_(?:want|run|use|do|send|intend|mean|think) (?:I|we)_(?:avoid|refuse|never|am_not|are_not)_\\p{L}+
    (?:do_not|don['’]t|never)_(?:run|use|do|send|execute|call|answer|try) ich_(?:\\p{L}+_){0,3}nicht je_ne no_(?:voy|debo|quiero) não_vou non_voglio я_не
    such_as e\\.g for_examples? an_example hypothetical(?:ly)? zum_beispiel par_exemple por_ejemplo por_exemplo per_esempio например`),
  /例如|比如|例えば|たとえば|예를\s?들|我不/u,
]);

/** Behind an object: what takes it back, or calls it an example. */
const behind = once((): readonly RegExp[] => [
  phrases(`${negations} but however wait actually hmm+ instead rather though although except unless would ignore disregard cancel
    scratch_that second_thoughts? let_me_think to_think think_(?:first|again|about) (?:just|only|merely)_(?:an?|one)
    aber sondern jedoch doch mais pero ma mas maar ale но однако ${examples}`),
  /(?<![\p{L}\p{N}_])no(?=\s*(?:[.,!;:…—–)-]|$))/iu,
  /^[\s`]*(?:only\s+)?if\b/i,
  /(?:^|[.!?\n])(?![^.!?\n]*\b(?:else|help|assist)\b)[^.!?\n]*[?？]/iu,
  /但|不过|しかし|でも|하지만|그러나/u,
  foreignNegations,
  foreignExamples,
]);

/** Around what is answered; between any other tags an object may be anything. */
const answerTag =
  /^(?:[\w-]+:)?(?:assistant|auto-?gpt|agent|answer|final|response|reply|output|result|solution|json|code|pre|xml|root|body|div|p|span|command|action|act|execute|tools?|functions?|calls?|message)(?:[-_:](?:answer|response|reply|output|result|call|calls|command|action|use|json|message|block))?$/i;
const quotingTag =
  /^(?:examples?|samples?|quotes?|blockquote|q|cite|del|s|strike|drafts?|ideas?|options?|alternatives?|notes?|comment|considered|thinking|thoughts?|reasoning|plan|diff|user|human|document|page|context|history|memory)$/i;

/**
 * The words or marks by which an object may be quoted, denied, or only thought of, on one line; null where the prose around
 * it says nothing of the kind. Takes time in proportion to the length.
 */
export function doubtAround({ before, lead, after }: Surroundings): string | null {
  const { sentence, isFinished } = lastSentence(lead);
  const word =
    firstMatch(isFinished ? inFinishedLead() : inLead(), sentence) ??
    firstMatch(behind(), wordsOf(after.slice(0, farthest)).trim());
  const doubt = markAround(before, after) ?? word;
  return doubt === null ? null : firstCharacters(onOneLine(doubt), 40);
}

/** How far from an object prose is about it, in characters. */
const farthest = 2000;

/** Prose without fences, tags, addresses and what it quotes: words in those say nothing of an object. */
const wordsOf = (prose: string): string =>
  prose.replace(
    /`{3,}\w*|`[^`\n]{1,200}`|"[^"\n]{1,200}"|“[^”\n]{1,200}”|<\/?[a-z][^<>\n]{0,200}>|\bhttps?:\/\/[^\s"'<>]{1,500}|[\w-]{1,100}\.[a-z][\w-]{1,30}\b/giu,
    " ",
  );

/**
 * The last sentence of a text, or of it what stands behind "so" or "but": what comes before that is its reason. `isFinished`:
 * a blank line parts it from what follows, and no colon leads over.
 */
function lastSentence(text: string): { sentence: string; isFinished: boolean } {
  const near = wordsOf(text.slice(-farthest));
  const prose = near.trimEnd();
  const ends = [
    ...prose.matchAll(/(?<!\b(?:e\.g|i\.e|z\.\s?b))[.!?]\s+|[。！？]|[^\s:,]\s*\n\s*\n|[,;]\s*(?:so|but)\s/giu),
  ];
  const last = ends.findLast(({ index, 0: end }) => index + end.length < prose.length);
  const sentence = last === undefined ? prose : prose.slice(last.index + last[0].length);
  return { sentence, isFinished: /[.!?。！？]\s*\n\s*\n\s*$/u.test(near) };
}

const firstMatch = (expressions: readonly RegExp[], text: string): string | null =>
  expressions.map((expression) => expression.exec(text)?.[0]).find((found) => found !== undefined) ?? null;

/** A mark around the object or at the beginning of its line that quotes it or strikes it out. */
function markAround(before: string, after: string): string | null {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  if (/^\s*>/.test(line)) return ">";
  if (before.lastIndexOf("<!--") > before.lastIndexOf("-->")) return "<!--";
  if (/~~\s*`*\s*$/.test(before) && /^\s*`*\s*~~/.test(after)) return "~~";
  const fence = /(?:^|\n)\s*`{3,}[ \t]*([\w-]{1,50})[^\n`]{0,100}\n\s*$/.exec(before.slice(-300))?.[1];
  if (fence !== undefined && quotingTag.test(fence)) return fence;
  return tagAround(before, after);
}

/** The innermost tag, `<name>` or `[name]`, that is open before the object and is none that answers stand in. */
function tagAround(before: string, after: string): string | null {
  const open: string[] = [];
  for (const { 1: slash, 2: name = "" } of before.matchAll(
    /[<[](\/?)([a-z][\w:-]{0,50})(?:\s[^<>[\]]{0,200})?[>\]]/gi,
  )) {
    const at = open.lastIndexOf(name.toLowerCase());
    if (slash === "") open.push(name.toLowerCase());
    else if (at !== -1) open.length = at;
  }
  const closed = new Set(
    [...after.matchAll(/[<[]\/([a-z][\w:-]{0,50})\s*[>\]]/gi)].map(([, name]) => name?.toLowerCase()),
  );
  const tag = open.find((name) => quotingTag.test(name) || (closed.has(name) && !answerTag.test(name)));
  return tag === undefined ? null : `<${tag}>`;
}
