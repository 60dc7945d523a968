import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAs, decodeText, detectEncoding, lostNote } from "../../src/base/encoding.js";

const hex = (digits: string): Buffer => Buffer.from(digits, "hex");
const textOf = (bytes: Uint8Array, ...said: string[]): string => decodeText(bytes, { said }).text;

test("a byte order mark says what a text is, whatever else does, and is no part of it", () => {
  assert.equal(textOf(hex("efbbbfc3a9"), "windows-1252"), "é");
  assert.equal(textOf(Buffer.from("\ufeffwide", "utf16le"), "utf-8"), "wide");
  assert.equal(textOf(hex("feff00770069"), "utf-8"), "wi");
});

test("UTF-16 without a mark is told by its zero bytes, in any script, and never by a name alone", () => {
  for (const text of [
    "name,age\nAnn,1",
    "имя;город\nАнна;Москва",
    "名前,年齢\n佐藤,30",
    "Zażółć jaźń\n",
    "도서관은 오전 9 시",
  ]) {
    const little = Buffer.from(text, "utf16le");
    assert.equal(textOf(little), text);
    assert.equal(textOf(Buffer.from(little).swap16()), text);
  }
  for (const name of ["unicode", "utf-16", "ucs-2", "UTF-16BE", "csUnicode"]) {
    assert.equal(
      textOf(Buffer.from('<meta charset="unicode">plain ASCII'), name),
      '<meta charset="unicode">plain ASCII',
    );
  }
  for (const bytes of [hex("00010203ff00"), hex("01000200030004000500"), hex("7f454c460201010000000000")]) {
    assert.doesNotMatch(detectEncoding(bytes), /utf-16/);
  }
});

test("one byte that is no UTF-8 costs one character, whether UTF-8 was said or not", () => {
  const japanese = Buffer.concat([Buffer.from("日本語のページです。"), hex("e9"), Buffer.from("おわり")]);
  for (const said of [["utf-8"], [], ["utf8mb4"], ["iso-8859-1"], ["gbk"]]) {
    const { text, lost } = decodeText(japanese, { said });
    assert.equal(text, "日本語のページです。\ufffdおわり");
    assert.equal(lost, 1);
  }
  assert.equal(decodeText(Buffer.from("the mark \ufffd itself")).lost, 0);
  assert.equal(lostNote(decodeText(Buffer.from("fine"))), null);
  assert.match(lostNote(decodeText(japanese)) ?? "", /^1 character could not be read \(as utf-8\)/);
});

test("bytes that are UTF-8 are read as such, whatever a name says of them", () => {
  const chinese = Buffer.from("图书馆的开放时间是上午九点。");
  for (const name of ["ISO-8859-1", "gbk", "shift_jis", "windows-1251", "us-ascii", "unicode", "no-such-name"]) {
    assert.equal(textOf(chinese, name), "图书馆的开放时间是上午九点。");
  }
  assert.equal(textOf(Buffer.from("café"), "iso-8859-1"), "café");
  // Two characters of GBK that happen to be valid UTF-8.
  assert.equal(textOf(hex("c1aacda8"), "gbk"), "联通");
});

test("a text that calls itself UTF-8 and has nothing of it is guessed", () => {
  assert.equal(textOf(Buffer.from("L'été à Orléans", "latin1"), "utf-8"), "L'été à Orléans");
});

test("all of windows-1252 is read, under each of its names and unnamed, on every Node", () => {
  const price = Buffer.from("Price \x8025 \x96 it\x92s \x93cheap\x94\x85", "latin1");
  for (const said of [["windows-1252"], ["iso-8859-1"], ["latin1"], []]) {
    assert.equal(decodeText(price, { said }).text, "Price €25 – it’s “cheap”…");
  }
  const all = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
  assert.equal(
    decodeAs(
      Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at),
      "windows-1252",
    ),
    all,
  );
});

test("short texts in old encodings are told by what is usual in their languages", () => {
  const written: Record<string, [encoding: string, bytes: string][]> = {
    "名前,年齢\n佐藤,30\n": [
      ["shift_jis", "96bc914f2c944e97ee0a8db293a12c33300a"],
      ["euc-jp", "ccbec1b02cc7afcef00abab4c6a32c33300a"],
    ],
    "姓名,年龄\n张伟,30\n": [["gb18030", "d0d5c3fb2cc4eac1e40ad5c5ceb02c33300a"]],
    "姓名,年齡\n王小明,30\n": [["big5", "a96da6572ca67ec4d60aa4fda470a9fa2c33300a"]],
    "이름,나이\n김철수,30\n": [["euc-kr", "c0ccb8a72cb3aac0cc0ab1e8c3b6bcf62c33300a"]],
    "имя;город": [
      ["windows-1251", "e8ecff3be3eef0eee4"],
      ["koi8-r", "c9cdd13bc7cfd2cfc4"],
      ["ibm866", "a8acef3ba3aee0aea4"],
    ],
    "όνομα;πόλη": [["windows-1253", "fcedefece13bf0fcebe7"]],
    "שם,עיר": [["windows-1255", "f9ed2cf2e9f8"]],
    "nazwisko;miasto\nKowalska;Łódź": [["windows-1250", "6e617a7769736b6f3b6d696173746f0a4b6f77616c736b613ba3f3649f"]],
    "ad;şehir\nAyşe;İzmir": [["windows-1254", "61643bfe656869720a4179fe653bdd7a6d6972"]],
    "Größe;Straße": [["windows-1252", "4772f6df653b53747261df65"]],
    Übergabe: [["windows-1252", "dc62657267616265"]],
  };
  for (const [text, forms] of Object.entries(written)) {
    for (const [encoding, bytes] of forms) {
      const read = decodeText(hex(bytes));
      assert.deepEqual([read.text, read.encoding, read.lost], [text, encoding, 0]);
    }
  }
});

test("ISO-2022-JP is told by its escapes, colours of a terminal are none", () => {
  assert.equal(textOf(hex("1b244224221b2842")), "あ");
  assert.equal(textOf(Buffer.from("\x1b[31mred\x1b(B\x1b[m")), "\x1b[31mred\x1b(B\x1b[m");
});

test("what a text says of itself is believed where its bytes fit", () => {
  const world = "82b182f182c982bf82cd90a28a45";
  const withHead = (head: string): Buffer => Buffer.concat([Buffer.from(head), hex(world)]);
  assert.match(
    textOf(withHead("<meta http-equiv=Content-Type content='text/html; charset=x-sjis'>")),
    /こんにちは世界$/,
  );
  assert.match(textOf(withHead('<?xml version="1.0" encoding="Shift_JIS"?><a>')), /こんにちは世界$/);
  assert.match(textOf(withHead("#!/bin/sh\n# -*- coding: cp932-unix -*-\n")), /こんにちは世界$/);
  // The name that servers send by default yields to the page's own word.
  assert.match(textOf(withHead('<meta charset="shift_jis">'), "iso-8859-1"), /こんにちは世界$/);
  // EUC-JP that is said to be Shift_JIS.
  assert.equal(textOf(hex("a4b3a4f3c5ecb5fea4cebfcd"), "shift_jis"), "こん東京の人");
});

test("a text that is cut in the middle of a character is read up to it", () => {
  const bytes = Buffer.from("日本語").subarray(0, 8);
  assert.deepEqual(decodeText(bytes, { cut: true }), { text: "日本", encoding: "utf-8", lost: 0 });
  assert.deepEqual(decodeText(bytes), { text: "日本\ufffd", encoding: "utf-8", lost: 1 });
});
