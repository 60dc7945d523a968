// Writes .env.template anew from the declared settings: npm run template.
import { writeFileSync } from "node:fs";
import { renderEnvironmentTemplate } from "../src/settings/template.js";

writeFileSync(new URL("../.env.template", import.meta.url), renderEnvironmentTemplate());
