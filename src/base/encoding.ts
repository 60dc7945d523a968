import { countSequences, likelyEncoding, strictText } from "./encodings/likely-encoding.js";

/** Names as TextDecoder knows them. */
export type Encoding = string;

export type EncodingHints = {
  /** The bytes may end in the middle of a character. */
  cut?: boolean;
  /** What was said of the encoding elsewhere, such as in a header; the first is believed before the others. */
  said?: readonly (string | null)[];
};

/** A text as it was read. `lost`: how many characters could not be read; they stand as U+FFFD or as controls. */
export type DecodedText = { text: string; encoding: Encoding; lost: number };

const marks: readonly (readonly [Encoding, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** How much of a text is looked at for zero bytes and for a guess. */
const lookedAt = 64 * 1024;
/** How much of a text is looked through for what it says of its own encoding. */
const searchedBytes = 4096;
/** So many whole characters of UTF-8 are no accident. */
const noAccident = 3;

/**
 * Which encoding a text is in. The bytes count more than what is said of them: a byte order mark; zero bytes at every
 * second place (UTF-16); valid, or nearly valid, UTF-8; then what was said, the text itself included, where the bytes
 * fit; else the likeliest one, and windows-1252, which takes every byte, where nothing can be told.
 */
export function detectEncoding(bytes: Uint8Array, { cut = false, said = [] }: EncodingHints = {}): Encoding {
  const marked = marks.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked) return marked[0];
  const labels = [...said, ...saidWithin(bytes)].map(knownEncoding).filter((name) => name !== null);
  const wide = wideEncoding(bytes, cut);
  if (wide !== null) return wide;
  const legacy = labels.filter((name) => !name.startsWith("utf-"));
  const { whole, broken } = countSequences(bytes, cut);
  if (broken === 0) return escapes(bytes) ?? multiByte(bytes, whole, legacy) ?? "utf-8";
  const saysUtf8 = labels.includes("utf-8");
  const least = saysUtf8 ? 1 : legacy.length > 0 ? 8 : 4;
  if (whole >= broken * least && (saysUtf8 || whole >= noAccident)) return "utf-8";
  // Servers say ISO-8859-1, which is windows-1252, of whatever they send: any other name is more to the point.
  const specific = [...legacy.filter((name) => name !== "windows-1252"), ...legacy];
  return specific.find((name) => fits(bytes, name)) ?? likelyEncoding(sample(bytes));
}

/** The text of these bytes, and the encoding it was read as. A byte order mark is no part of the text. */
export function decodeText(bytes: Uint8Array, hints: EncodingHints = {}): DecodedText {
  const encoding = detectEncoding(bytes, hints);
  const text = decodeAs(bytes, encoding, hints);
  return { text, encoding, lost: lostCharacters(bytes, text, encoding) };
}

/** The text of bytes whose encoding is known; with `cut`, without the character that they end in the middle of. */
export function decodeAs(bytes: Uint8Array, encoding: Encoding, { cut = false }: Pick<EncodingHints, "cut"> = {}) {
  // As a stream: at once, Node 20.19 to 20.20 takes windows-1252 for Latin-1, and € ‘ ’ “ ” – … are lost.
  const decoder = new TextDecoder(encoding);
  const text = decoder.decode(bytes, { stream: true });
  return cut ? text : text + decoder.decode();
}

/** How much of a file is looked at to tell whether it is text. */
const judgedBytes = 8192;
/** Text holds hardly any control characters besides white space and escapes. */
const mostControls = 1 / 50;

/** Whether bytes are a text at all, in whatever encoding. */
export function isText(bytes: Uint8Array, hints: EncodingHints = {}): boolean {
  if (detectEncoding(bytes, hints).startsWith("utf-16")) return true;
  const start = bytes.subarray(0, judgedBytes);
  const controls = start.filter((byte) => byte < 32 && !(byte >= 8 && byte <= 13) && byte !== 27);
  return !controls.includes(0) && controls.length <= start.length * mostControls;
}

/** What a reader is to be told of characters that could not be read; null where there were none. */
export const lostNote = ({ encoding, lost }: Omit<DecodedText, "text">): string | null =>
  lost === 0
    ? null
    : `${lost === 1 ? "1 character" : `${lost} characters`} could not be read (as ${encoding}), so the text has gaps.`;

function lostCharacters(bytes: Uint8Array, text: string, encoding: Encoding): number {
  if (encoding !== "utf-8")
    return text.match(encoding.startsWith("utf-16") ? /\ufffd/g : /[\ufffd\x80-\x9f]/g)?.length ?? 0;
  const replaced = text.match(/\ufffd/g)?.length ?? 0;
  if (replaced === 0) return 0;
  // The character itself may stand in a text, too.
  return (
    replaced - Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1").split("ï¿½").length + 1
  );
}

const aliases: Readonly<Record<string, Encoding>> = {
  utf8mb4: "utf-8",
  "utf8-mb4": "utf-8",
  unicode: "utf-16le",
  cp932: "shift_jis",
  cp936: "gb18030",
  cp949: "euc-kr",
  ms949: "euc-kr",
  uhc: "euc-kr",
  cp950: "big5",
  cp65001: "utf-8",
  "latin-1": "windows-1252",
  "latin-9": "iso-8859-15",
  // Bytes that are not ASCII prove such a name wrong, and others are read alike.
  ascii: "",
  "us-ascii": "",
  "ansi_x3.4-1968": "",
};

/** An encoding by any of its names; null for one that is unknown here or says nothing. */
export function knownEncoding(label: string | null): Encoding | null {
  const name = (label ?? "").trim().toLowerCase();
  const tried = [
    aliases[name] ?? name,
    name.replace(/^(?:win|windows|cp|x-cp|ibm)[-_]?(\d{3,4})$/, "windows-$1"),
    name.replaceAll("_", "-"),
  ];
  for (const one of tried) {
    if (aliases[name] === "") return null;
    try {
      const { encoding } = new TextDecoder(one);
      // The later standard holds all of the older, and Node's table of the older one has gaps.
      return encoding === "gbk" ? "gb18030" : encoding;
    } catch {
      continue;
    }
  }
  return null;
}

/** What a text says of its own encoding: a page's meta tag, XML's first line, a style sheet's, a comment for editors. */
function saidWithin(bytes: Uint8Array): string[] {
  const head = Buffer.from(bytes.subarray(0, searchedBytes)).toString("latin1");
  const [top = ""] = /^(?:.*\n?){2}/.exec(head) ?? [];
  return [
    /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{2,40})/i.exec(head)?.[1],
    /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.-]{2,40})/i.exec(head)?.[1],
    /^@charset "([\w:.-]{2,40})"/i.exec(head)?.[1],
    /^[ \t\f]*(?:#|\/\/|\/\*|;|%|--|").*?coding[:=][ \t]*([\w.-]{2,40})/m
      .exec(top)?.[1]
      ?.replace(/-(?:unix|dos|mac)$/, ""),
  ].filter((label) => label !== undefined);
}

/** UTF-16 without a mark. Its spaces and line ends have zero bytes, which no other text has; a name alone proves nothing. */
function wideEncoding(bytes: Uint8Array, cut: boolean): Encoding | null {
  const start = bytes.subarray(0, lookedAt);
  if (!start.includes(0) || (bytes.length % 2 === 1 && !cut)) return null;
  const zeros = start.reduce((sum, byte, at) => (byte === 0 ? sum + (at % 2 === 0 ? -1 : 1) : sum), 0);
  const order = zeros >= 0 ? ["utf-16le", "utf-16be"] : ["utf-16be", "utf-16le"];
  return order.find((encoding) => isWideText(strictText(start, encoding) ?? "")) ?? null;
}

/** Numbers of 16 bits are controls and characters of all scripts; text is in one script, or in those of East Asia. */
function isWideText(text: string): boolean {
  if (!/[\t\n\r -~]/.test(text) || /[\p{Cn}\p{Co}\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]/u.test(text)) return false;
  const others = text.replace(/[\0-\u024f\u1e00-\u1eff\u2010-\u20af]/g, "");
  const eastAsian = others.match(/[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]/g)?.length ?? 0;
  const blocks = new Map<number, number>();
  for (const letter of others) blocks.set(letter.charCodeAt(0) >> 8, (blocks.get(letter.charCodeAt(0) >> 8) ?? 0) + 1);
  return Math.max(eastAsian, ...blocks.values()) >= others.length * 0.9;
}

/** ISO-2022-JP is ASCII to the eye of a program; its escapes for kanji are used by nothing else. */
const escapes = (bytes: Uint8Array): Encoding | null => {
  if (!bytes.includes(0x1b)) return null;
  const head = Buffer.from(bytes.subarray(0, lookedAt)).toString("latin1");
  return /\x1b\$[@B](?:[!-~]{2})+\x1b\([BJ]/.test(head) ? "iso-2022-jp" : null;
};

/** Two characters of GBK or the like can be valid UTF-8 by accident. */
const multiByte = (bytes: Uint8Array, whole: number, legacy: readonly Encoding[]): Encoding | undefined =>
  whole === 0 || whole >= noAccident
    ? undefined
    : legacy.find((name) => !/^(?:windows|iso|koi8|ibm|mac|x-mac)/.test(name) && strictText(bytes, name) !== null);

/** Whether nearly all of the bytes beyond ASCII mean something in an encoding. */
function fits(bytes: Uint8Array, encoding: Encoding): boolean {
  const text = decodeAs(bytes, encoding, { cut: true });
  const foreign = bytes.reduce((count, byte) => (byte >= 0x80 ? count + 1 : count), 0);
  return lostCharacters(bytes, text, encoding) * 20 <= foreign;
}

/** From shortly before the first byte beyond ASCII. */
function sample(bytes: Uint8Array): Uint8Array {
  const from = Math.max(0, bytes.findIndex((byte) => byte >= 0x80) - 1024);
  return bytes.subarray(from, from + lookedAt);
}
