import { wordList } from "../text.js";

/** What is looked at of a text for its letters. */
const weighedBytes = 4096;

/** Bytes as text; null where some of them mean nothing in this encoding, save a character that is cut at the end. */
export function strictText(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

/** How many characters of several bytes are valid UTF-8, and how many other ones a reader would replace. */
export function countSequences(bytes: Uint8Array, cut: boolean): { whole: number; broken: number } {
  let whole = 0;
  let broken = 0;
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      at += 1;
      continue;
    }
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    let good = isStart(first, bytes[at + 1]) ? 2 : 1;
    while (good > 1 && good < length && isTrail(bytes[at + good])) good++;
    if (good === length) whole++;
    // At the end a character may have been cut off by whoever sent it.
    else if (at + good < bytes.length || (!cut && whole === 0)) broken++;
    at += good;
  }
  return { whole, broken };
}

const isTrail = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x80 && byte <= 0xbf;

/** Whether two bytes begin a character: overlong forms, surrogates and what lies above U+10FFFF are none. */
function isStart(first: number, second: number | undefined): boolean {
  if (first < 0xc2 || first > 0xf4 || second === undefined || !isTrail(second)) return false;
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second <= 0x9f;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second <= 0x8f;
}

const central = "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž";

/**
 * Encodings of one byte a character: a number says how much rarer one is than the others of its script, and texts the
 * letters beyond ASCII of each language that is written in it.
 */
const singleByte: readonly (readonly [encoding: string, rarity: number, languages?: string])[] = [
  ["windows-1252", 0, "àâæçéèêëîïôœùûüÿ äöüß áéíñóúü áâãàçéêíóôõú åäö æøåé àèéìòù"],
  ["windows-1254", 1, "çğıİiöşüâ"],
  ["windows-1250", 1, central],
  ["iso-8859-2", 2, central],
  ["windows-1257", 2, "ąčęėįšųūž āčēģīķļņšūž äõöüšž"],
  ["windows-1252", 3, "áðéíóúýþæö"],
  ["windows-1251", 0],
  ["koi8-r", 3],
  ["koi8-u", 5],
  ["ibm866", 4],
  ["iso-8859-5", 5],
  ["windows-1253", 0],
  ["iso-8859-7", 4],
  ["windows-1255", 0],
  ["iso-8859-8", 2],
  ["windows-1256", 0],
  ["iso-8859-6", 2],
  ["windows-874", 0],
];

/**
 * The likeliest encoding of bytes that are not UTF-8. That one wins whose characters are the most usual in the
 * languages that it was made for; a byte that means nothing in an encoding speaks against it.
 */
export function likelyEncoding(bytes: Uint8Array): string {
  const part = bytes.subarray(0, bytes.findIndex((byte) => byte >= 0x80) + weighedBytes);
  let [best, most] = ["windows-1252", -Infinity];
  for (const [encoding, weight] of [...weighSingle(part), ...weighPairs(part)]) {
    if (weight > most) [best, most] = [encoding, weight];
  }
  return best;
}

/** The logarithm of how likely such a text is, by its letters, for each encoding and language. */
function weighSingle(bytes: Uint8Array): (readonly [encoding: string, weight: number])[] {
  return singleByte.flatMap(([encoding, rarity, languages = ""]) => {
    const text = new TextDecoder(encoding).decode(bytes, { stream: true });
    return wordList(languages || "-").map((language) => {
      let weight = -rarity;
      for (let at = 0; at < text.length; at++) weight += Math.log(letterChance(text, at, language));
      return [encoding, weight] as const;
    });
  });
}

/** The letters of a script, the most usual first. */
const scripts: readonly string[] = [
  "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъіїєёґ",
  "αοιετσνηυρπκμλίόάέήύώςωγδχθφβξζψϊϋ",
  "יוהלאתמרבשנעדחקפםסזגטכצןךףץ",
  "اليمنتروبعدسفهكقحجةشصطخأىذضزثظغءئإآؤپچگ",
  "านรอกเงมยลวดทต่ส้ัิปีคหบพุแชจขใ์ไถูโซผธณศภฟฉษญ",
];
const ranks = new Map(scripts.flatMap((letters) => [...letters].map((letter, at) => [letter, at] as const)));

const ascii = 1 / 40;
const never = 1e-7;

function letterChance(text: string, at: number, language: string): number {
  const letter = text.charAt(at);
  if (letter < "\x80") return ascii;
  const [before, after] = [text.charAt(at - 1), text.charAt(at + 1)];
  const small = letter.toLowerCase();
  const besideLatin = /[a-z]/i.test(before + after);
  const rank = ranks.get(small);
  if (rank !== undefined) {
    const chance = 1 / (rank + 2) / 4;
    if (besideLatin) return chance / 100;
    if (letter === small) return chance;
    if (!/\p{L}/u.test(before)) return chance / 10;
    return chance / (before === before.toLowerCase() ? 100 : 2);
  }
  if (/[‘’“”„–—…€•«»\xa0№]/.test(letter)) return 1 / 60;
  if (/\p{Script=Latin}/u.test(letter)) {
    if (!language.includes(small) && !language.includes(letter)) return 1e-4;
    if (!besideLatin && !/\p{Script=Latin}/u.test(before + after)) return 1 / 2000;
    const chance = 1 / (language.length + 5) / 2;
    return letter === small ? chance : /[a-z]/.test(before) ? chance / 100 : chance / 5;
  }
  if (/[§©®°±²³½´·¡¿™ªº¢£¥]/.test(letter)) return 1 / 500;
  return /[\x80-\x9f\ufffd]/.test(letter) ? never : 1e-5;
}

/** The chance of a character of two bytes, spread over those that are alike. */
type PairChance = (lead: number, trail: number) => number;

const within = (byte: number, from: number, to: number): boolean => byte >= from && byte <= to;

const pairs: Readonly<
  Record<string, { chance: PairChance; usual: ReadonlySet<string>; isLead: (byte: number) => boolean }>
> = {
  shift_jis: {
    isLead: (byte) => within(byte, 0x81, 0x9f) || within(byte, 0xe0, 0xfc),
    usual: new Set(
      "日本語人名前年齢月火水木金土時分円大小中上下東京都市区町村会社住所電話番号氏商品価格数量合計学校生国外新高長見行来出入今何手目自動車部店売買用品県様件内容開始終了場所番組使方法",
    ),
    chance: (lead, trail) => {
      if (lead === 0x82) return within(trail, 0x9f, 0xf1) ? 0.45 / 83 : 0.02 / 62;
      if (lead === 0x83) return trail <= 0x96 ? 0.2 / 86 : 1e-6;
      if (lead === 0x81) return 0.08 / 60;
      return within(lead, 0x88, 0x97) ? 0.3 / 2965 : 1e-6;
    },
  },
  "euc-jp": {
    isLead: (byte) => byte >= 0x8e,
    usual: new Set(),
    chance: (lead) => {
      if (lead === 0xa4) return 0.45 / 83;
      if (lead === 0xa5) return 0.2 / 86;
      if (lead === 0xa1) return 0.08 / 60;
      if (lead === 0xa3) return 0.02 / 62;
      return within(lead, 0xb0, 0xcf) ? 0.3 / 2965 : 1e-6;
    },
  },
  gb18030: {
    isLead: (byte) => byte >= 0x81,
    usual: new Set(
      "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长姓名性别龄电话址数量价格单位城市北京海",
    ),
    chance: (lead, trail) => {
      if (trail < 0xa1) return never;
      if (lead === 0xa1) return 0.1 / 60;
      if (lead === 0xa3) return 0.05 / 94;
      return within(lead, 0xb0, 0xd7) ? 0.5 / 3755 : within(lead, 0xd8, 0xf7) ? 0.03 / 3008 : 1e-6;
    },
  },
  big5: {
    isLead: (byte) => byte >= 0x81,
    usual: new Set(
      "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長姓名性別齡電話址數量價格單位城市北京海臺灣",
    ),
    chance: (lead) =>
      lead === 0xa1 ? 0.1 / 60 : within(lead, 0xa4, 0xc6) ? 0.5 / 5401 : within(lead, 0xc9, 0xf9) ? 0.02 / 7652 : never,
  },
  "euc-kr": {
    isLead: (byte) => byte >= 0x81,
    usual: new Set("이다는의에을가고하한지를로사은도인기자어리나대시아정그서해일수부제전주과보있원와장으국상들안동"),
    chance: (lead) =>
      lead === 0xa1 ? 0.05 / 60 : within(lead, 0xb0, 0xc8) ? 0.5 / 2350 : lead === 0xa3 ? 0.02 / 94 : 1e-6,
  },
};

const isLetter = (byte = 0): boolean => within(byte | 0x20, 0x61, 0x7a);

/** How likely a usual character is, whatever is known of it otherwise. */
const usualChance = 0.35;

function weighPairs(bytes: Uint8Array): (readonly [string, number])[] {
  return Object.entries(pairs).map(([name, { isLead, chance, usual: own }]) => {
    const usual = name === "euc-jp" ? (pairs["shift_jis"]?.usual ?? own) : own;
    const decoder = new TextDecoder(name);
    let sum = 0;
    for (let at = 0; at < bytes.length; at++) {
      const lead = bytes[at] ?? 0;
      if (!isLead(lead)) {
        sum += Math.log(lead < 0x80 ? ascii : 1 / 3000);
        continue;
      }
      const letter = decoder.decode(bytes.subarray(at, at + 2));
      const beside = [bytes[at - 1], bytes[at + 2]].filter((byte) => isLetter(byte)).length;
      const likely = usual.has(letter) ? usualChance / usual.size : chance(lead, bytes[at + 1] ?? 0);
      sum += Math.log(letter.includes("\ufffd") ? never : likely / 10 ** beside);
      at++;
    }
    return [name, sum] as const;
  });
}
