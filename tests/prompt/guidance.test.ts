import assert from "node:assert/strict";
import { test } from "node:test";
import { createTokenCounter } from "../../src/model/tokens.js";
import { fittingGuidance, instructionsText, skillsText } from "../../src/prompt/guidance.js";

const counter = createTokenCounter({ encoding: "o200k_base" });
const file = (name: string, words: number) => {
  const text = "word ".repeat(words).trim();
  return { file: name, bytes: text.length, text };
};
const skill = (number: number) => ({ name: `skill-${number}`, description: "Does this and that. ".repeat(40).trim() });

test("what fits is told as it is, and nothing is said", () => {
  const guidance = { instructions: [file("/a", 100), file("/a/b", 100)], skills: [skill(1)] };
  assert.deepEqual(fittingGuidance(guidance, counter, 16_000), { ...guidance, problems: [] });
});

test("in a small context the nearest instructions are whole, those above are cut, and each cut is said", async () => {
  await counter.load();
  const guidance = { instructions: [file("/", 900), file("/a", 900), file("/a/b", 600)], skills: [] };
  const { instructions, problems } = fittingGuidance(guidance, counter, 4_000);
  assert.deepEqual(
    instructions.map((one) => [one.file, one.text.length < one.bytes]),
    [
      ["/a", true],
      ["/a/b", false],
    ],
  );
  assert.ok(instructions.reduce((sum, { text }) => sum + counter.count(text), 0) <= 1_000);
  assert.match(problems[0] ?? "", /^\/a does not fit: .*4000 tokens\. The AI is told the first \d+ characters of it\./);
  assert.match(problems[1] ?? "", /^\/ does not fit: .*The AI is told nothing of it\./);
});

test("instructions are cut at the end of a line, and not to a piece of a word", async () => {
  await counter.load();
  const lines = { ...file("/a", 0), text: "A rule of some words.\n".repeat(300), bytes: 6600 };
  const { instructions, problems } = fittingGuidance(
    { instructions: [file("/", 50), lines], skills: [] },
    counter,
    4_000,
  );
  assert.match(instructions[0]?.text ?? "", /^(?:A rule of some words\.\n)+A rule of some words\.$/);
  assert.equal(instructions.length, 1);
  assert.match(problems[1] ?? "", /^\/ does not fit: .*The AI is told nothing of it\./);
});

test("many skills are all named, with the beginning of what each is for", () => {
  const skills = Array.from({ length: 50 }, (_, number) => skill(number));
  const fitting = fittingGuidance({ instructions: [], skills }, counter, 16_000);
  assert.equal(fitting.skills.length, 50);
  assert.ok(counter.count(skillsText(fitting.skills)) < counter.count(skillsText(skills)) / 3);
  assert.match(fitting.skills[0]?.description ?? "", /^Does this and that\. .*…$/);
  assert.match(fitting.problems[0] ?? "", /descriptions of 50 skills take more than an eighth/);
});

test("each file of instructions stands behind its name, and skills one to a line", () => {
  assert.match(instructionsText([file("/a", 1), file("/a/b", 1)]), /\[\/a\]\nword\n\[End of \/a\]\n\n\[\/a\/b\]\nword/);
  assert.match(skillsText([skill(1), skill(2)]), /\n1\. skill-1: Does [^\n]*\n2\. skill-2: Does/);
});
