/**
 * fast-check with one seed for the whole of `npm test`, so that a test fails because of a change and not because of the
 * day. `npm run test:long` draws a new seed for each test; AUTOGPT_TEST_SEED gives the one that a failure printed.
 */
import fc from "fast-check";

const given = process.env["AUTOGPT_TEST_SEED"];
const isLong = process.env["AUTOGPT_TEST_LONG"] === "1";
if (given !== undefined) fc.configureGlobal({ seed: Number(given) });
else if (!isLong) fc.configureGlobal({ seed: 20_230_401 });

/**
 * Any Unicode text. fast-check's own strings of unit "binary" do the same, and make a table of all million characters first,
 * which takes two seconds.
 */
export const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 0x10_f7_ff }), { maxLength })
    .map((numbers) => String.fromCodePoint(...numbers.map((number) => (number < 0xd8_00 ? number : number + 0x8_00))));

export default fc;
