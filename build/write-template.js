// Writes anew what is made from declarations: .env.template, schemas/ and the tables of docs/journal.md. npm run template
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { renderEnvironmentTemplate } from "../src/settings/template.js";
import { withJournalTables } from "../src/subcommands/schema/journal-tables.js";
import { schemaNames } from "../src/subcommands/schema/names.js";
import { schemaOf } from "../src/subcommands/schema/schema.js";

/** @param {string} name */
const place = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** @param {string} name @param {string} text */
async function write(name, text) {
  const file = place(name);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

writeFileSync(place(".env.template"), renderEnvironmentTemplate());
mkdirSync(place("schemas"), { recursive: true });
for (const name of schemaNames) await write(`schemas/${name}.schema.json`, JSON.stringify(schemaOf(name)));
await write("docs/journal.md", withJournalTables(readFileSync(place("docs/journal.md"), "utf8")));
