import { decodeAs, knownEncoding } from "../../base/encoding.js";
import { DocumentError } from "../document-error.js";

/** Destinations whose text is not the document's (RTF 1.9.1); those marked with \* are left out as well, save two. */
const silent = new Set(
  (
    "fonttbl colortbl stylesheet info pict object objdata header headerl headerr headerf footer footerl footerr footerf " +
    "listtable listoverridetable revtbl rsidtbl generator filetbl themedata colorschememapping datastore latentstyles xe tc txe " +
    "fldinst pntext pntxta pntxtb bkmkstart bkmkend atnid atnauthor atrfstart atrfend shppict nonshppict sp sn sv template"
  ).split(" "),
);
const breaks: Readonly<Record<string, string>> = {
  par: "\n",
  line: "\n",
  sect: "\n\n",
  page: "\n\n",
  column: "\n",
  row: "\n",
  nestrow: "\n",
  cell: " | ",
  nestcell: " | ",
  tab: "\t",
  emdash: "—",
  endash: "–",
  emspace: " ",
  enspace: " ",
  qmspace: " ",
  bullet: "•",
  lquote: "‘",
  rquote: "’",
  ldblquote: "“",
  rdblquote: "”",
};
const symbols: Readonly<Record<string, string>> = {
  "~": "\u00a0",
  _: "-",
  "-": "",
  "{": "{",
  "}": "}",
  "\\": "\\",
  "\n": "\n",
  "\r": "\n",
};
/** What a font's character set means as an encoding. */
const charsets: Readonly<Record<number, string>> = {
  77: "macintosh",
  128: "shift_jis",
  129: "euc-kr",
  134: "gbk",
  136: "big5",
  161: "windows-1253",
  162: "windows-1254",
  163: "windows-1258",
  177: "windows-1255",
  178: "windows-1256",
  186: "windows-1257",
  204: "windows-1251",
  222: "windows-874",
  238: "windows-1250",
};
const codePages: Readonly<Record<number, string>> = {
  932: "shift_jis",
  936: "gbk",
  949: "euc-kr",
  950: "big5",
  874: "windows-874",
  866: "ibm866",
  10000: "macintosh",
  65001: "utf-8",
};

const framed: Readonly<Record<string, string>> = { footnote: "note", annotation: "comment" };

/** A group inherits from the one around it. `skip`: characters that stand for a Unicode character for older readers. */
type Group = { silent: boolean; skip: number; encoding: string; fonts: boolean; hidden: boolean; closing: string };

const token = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\/gi;

/** The text of an RTF file, notes and cells of tables with it. Throws DocumentError for what is none. */
export function textOfRtf(bytes: Uint8Array): string {
  const source = Buffer.from(bytes).toString("latin1");
  if (!source.trimStart().startsWith("{\\rtf")) throw new DocumentError("damaged", "It is not a readable RTF file.");
  const reader = new RtfReader();
  // Pictures and other data in bytes can hold anything, braces too.
  for (const match of withoutBinary(source).matchAll(token)) reader.take(match);
  return reader.text();
}

function withoutBinary(source: string): string {
  const kept: string[] = [];
  let from = 0;
  for (const { 0: word, 1: length, index } of source.matchAll(/\\bin(\d{1,10}) ?/g)) {
    if (index < from) continue;
    kept.push(source.slice(from, index));
    from = index + word.length + Number(length);
  }
  return kept.join("") + source.slice(from);
}

class RtfReader {
  #parts: string[] = [];
  #bytes: number[] = [];
  #groups: Group[] = [];
  #group: Group = { silent: false, skip: 1, encoding: "windows-1252", fonts: false, hidden: false, closing: "" };
  #documentEncoding = "windows-1252";
  #fonts = new Map<number, string>();
  #font = 0;
  #toSkip = 0;
  #star = false;
  #opened = false;

  take([all, word, parameter, hex, symbol, brace, text]: RegExpMatchArray): void {
    if (brace === "{") return this.#open();
    if (brace === "}") return this.#close();
    if (hex !== undefined) return this.#byte(Number.parseInt(hex, 16));
    if (symbol === "*") return void (this.#star = this.#opened);
    if (symbol !== undefined) return this.#write(symbols[symbol] ?? "");
    if (word !== undefined) return this.#word(word.toLowerCase(), parameter === undefined ? null : Number(parameter));
    if (text !== undefined) return this.#plain(text);
    if (all === "\\") this.#write("\\");
  }

  text(): string {
    this.#flush();
    return this.#parts
      .join("")
      .replace(/(?: \| )+(?=\n|$)/g, "")
      .replace(/[^\S\n\t]+\n/g, "\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim();
  }

  #open(): void {
    this.#flush();
    this.#groups.push(this.#group);
    this.#group = { ...this.#group, closing: "" };
    this.#opened = true;
    this.#star = false;
    this.#toSkip = 0;
  }

  #close(): void {
    this.#write(this.#group.closing);
    this.#flush();
    this.#group = this.#groups.pop() ?? this.#group;
    this.#opened = false;
    this.#star = false;
    this.#toSkip = 0;
  }

  #word(word: string, parameter: number | null): void {
    const first = this.#opened;
    this.#opened = false;
    const marked = this.#star;
    this.#star = false;
    if (marked && word !== "shptxt" && !(word in framed)) this.#group.silent = true;
    if (first && silent.has(word)) this.#group.silent = true;
    if (word === "fonttbl") this.#group.fonts = true;
    if (first && word in framed) {
      this.#write(` [${framed[word]}: `);
      this.#group.closing = "]";
    }
    if (word === "u" && parameter !== null) return this.#unicode(parameter);
    if (word === "v" || word === "deleted") this.#group.hidden = parameter !== 0;
    if (word === "plain") this.#group.hidden = false;
    if (word === "uc") this.#group.skip = Math.max(0, parameter ?? 1);
    else if (word === "ansicpg" && parameter !== null) this.#useEncoding(codePage(parameter));
    else if (word === "mac") this.#useEncoding("macintosh");
    else if (word === "f" && parameter !== null) this.#useFont(parameter);
    else if (word === "fcharset" && parameter !== null && this.#group.fonts)
      this.#fonts.set(this.#font, charsets[parameter] ?? "");
    else if (word in breaks) this.#write(breaks[word] ?? "");
  }

  #useEncoding(encoding: string): void {
    this.#documentEncoding = encoding;
    this.#group.encoding = encoding;
  }

  #useFont(font: number): void {
    this.#flush();
    this.#font = font;
    // Character set 0 says "ANSI": the code page of the file.
    if (!this.#group.fonts) this.#group.encoding = this.#fonts.get(font) || this.#documentEncoding;
  }

  #unicode(code: number): void {
    this.#flush();
    this.#write(String.fromCharCode(code & 0xffff));
    this.#toSkip = this.#group.skip;
  }

  #plain(text: string): void {
    this.#opened = false;
    const skipped = Math.min(this.#toSkip, text.length);
    this.#toSkip -= skipped;
    for (let at = skipped; at < text.length; at++) this.#byte(text.charCodeAt(at));
  }

  #byte(byte: number): void {
    this.#opened = false;
    if (this.#toSkip > 0) this.#toSkip -= 1;
    else if (!this.#group.silent && !this.#group.hidden) this.#bytes.push(byte);
  }

  #write(text: string): void {
    this.#opened = false;
    if (this.#group.silent || this.#group.hidden) return;
    this.#flush();
    this.#parts.push(text);
  }

  #flush(): void {
    if (this.#bytes.length === 0) return;
    const bytes = Uint8Array.from(this.#bytes);
    this.#bytes = [];
    this.#parts.push(decodeAs(bytes, this.#group.encoding));
  }
}

const codePage = (number: number): string => codePages[number] ?? knownEncoding(`windows-${number}`) ?? "windows-1252";
