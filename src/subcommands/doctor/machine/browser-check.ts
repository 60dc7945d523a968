import { webOptions } from "../../../compose/web.js";
import { describeBrowser } from "../../../web/web.js";
import type { DoctorCheck } from "../check.js";
import { installFix, withInstall } from "../install.js";

/** Which browser reads the pages that need their scripts. It is not started. */
export const browserCheck: DoctorCheck = {
  id: "browser",
  async look(context) {
    const { settings, environment } = context;
    if (settings.browser === "never") return { state: "ok", found: "not used (BROWSER=never)" };
    const { browserChoice } = webOptions(settings);
    const { path, text } = await describeBrowser({ ...browserChoice, searchPath: environment["PATH"] ?? "" });
    if (path !== null) return { state: "ok", found: text };
    const named = [
      ...(browserChoice.path === undefined ? [] : ["PUPPETEER_EXECUTABLE_PATH="]),
      ...(browserChoice.name === undefined ? [] : ["USE_WEB_BROWSER="]),
    ];
    if (named.length > 0) {
      const advice = "Name another one, or none: then one that is installed is used.";
      return { state: "warn", found: text, advice, fixes: named.map((setting) => ({ setting })) };
    }
    const advice = "Pages that need their scripts are read without them. Install Chromium, Chrome or Edge.";
    return { state: "warn", found: text, ...withInstall(advice, await installFix(context, "chromium")) };
  },
};
