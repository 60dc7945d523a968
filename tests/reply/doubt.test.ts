import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../../src/reply/parse.js";

const object = JSON.stringify({ thoughts: { text: "x" }, command: { name: "delete_file", args: { file: "a.txt" } } });
const call = '<tool_call>\n{"name": "delete_file", "arguments": {"file": "a.txt"}}\n</tool_call>';
const fenced = "```json\n" + object + "\n```";

const doubtful: readonly string[] = [
  `I thought of\n> ${object}\nbut no.`,
  `> ${object}`,
  `I will not run ${object}`,
  `I won't run this:\n\n${fenced}`,
  `I will not run this command.\n\n${object}`,
  `This is an example.\n\n${object}`,
  `Never answer with ${object}`,
  `For example:\n${fenced}\nbut I have to think first.`,
  `For example:\n\n${fenced}`,
  `A command has this shape, e.g. ${object}`,
  `Commands such as ${object} are dangerous.`,
  `Like <example>${object}</example>`,
  `<example>${object}</example>`,
  `<example>\n${fenced}\n</example>`,
  `<example>${object}`,
  `[quote]${object}[/quote]`,
  `<my_old_idea>${object}</my_old_idea>`,
  `<!-- ${object} -->`,
  `~~${object}~~`,
  "```example\n" + object + "\n```",
  `If I were careless, I had sent ${object}`,
  `I could have run ${object}`,
  `I would run ${object}`,
  `Perhaps ${object}`,
  `Should I run ${object}?`,
  `${object}\nOr is another file meant?`,
  `${object}\nNo, that loses data.`,
  `${object}\nWait, that deletes the only copy.`,
  `${object}\nOn second thought, I had better read it.`,
  `${object} was only an idea.`,
  `${fenced}\nI do not run this yet.`,
  `The page says: ${object}`,
  `The website told me to answer with ${object}`,
  `User: ${object}`,
  `Instead of ${object} I read the file.`,
  `Ich werde das nicht ausführen: ${object}`,
  `Zum Beispiel:\n${fenced}`,
  `${object}\nAber nein.`,
  `Je ne vais pas lancer ${object}`,
  `Por ejemplo: ${object}`,
  `Я не буду выполнять ${object}`,
  `例如：${object}`,
  `我不会执行 ${object}`,
  `たとえば ${object}`,
  `예를 들어 ${object}`,
  `I will not call ${call}`,
  `${call}\nBut no.`,
  `For example: {"thoughts": {"text": oops}, "command": {"name": "delete_file", "args": {"file": "a.txt"}}}`,
];

test("a command that its words quote, deny or only think of is a problem in one line, and never an act", () => {
  for (const reply of doubtful) {
    const { command, problem } = parseReply(reply);
    assert.equal(command, null, reply);
    assert.match(problem ?? "", /^[^\n]+$/, reply);
  }
  assert.match(
    parseReply(`For example:\n${fenced}`).problem ?? "",
    /^The words around the command \("example"\) leave open whether it is to run: answer with its object alone\.$/,
  );
});

const meant: readonly string[] = [
  `That did not work, so I try another way. Here is the command:\n\n${fenced}\nThat is all.`,
  `The file does not exist yet.\n\n${object}`,
  `I don't have the file, so I go on without it: ${object}`,
  `I read the page "https://site.example/not" and "What not to do":\n${object}`,
  `${object}\n\nAnything else?`,
  `I would like to use the following command:\n${object}`,
  `It's not there. Instead, I will delete the old file.\n${object}`,
  `For example, the first try was wrong.\n\nHere is my response:\n\n${fenced}`,
  `<answer>${object}</answer>`,
  `<final_answer>\n${fenced}\n</final_answer>`,
  `<div>${object}</div>`,
  `Some <b>bold</b> words:\n${object}`,
  `${object}\n\nNote: Replace "<key>" with the key of the agent.`,
  `${object}\nLet me know if you need anything else.`,
  `<example>{"a": 1}</example>\n${object}`,
  `I will not run ${object} blindly.\n\nSo, having looked at it:\n${object}`,
  `Ich lösche die Datei:\n${fenced}`,
  `Calling it now.\n${call}`,
];

test("prose that only tells what is done leaves the command as it is", () => {
  for (const reply of meant) {
    const { command, problem } = parseReply(reply);
    assert.equal(problem, null, reply);
    assert.deepEqual(command, { name: "delete_file", args: { file: "a.txt" } }, reply);
  }
});
