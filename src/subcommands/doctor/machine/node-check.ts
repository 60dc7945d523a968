import type { DoctorCheck } from "../check.js";

const least = [20, 18, 1] as const;

/** Whether this Node is new enough, and still maintained. */
export const nodeCheck: DoctorCheck = {
  id: "node",
  look({ nodeVersion }) {
    const [major = 0, minor = 0, patch = 0] = nodeVersion.replace(/^v/, "").split(".").map(Number);
    const [leastMajor, leastMinor, leastPatch] = least;
    const behind = major - leastMajor || minor - leastMinor || patch - leastPatch;
    const found = `Node ${nodeVersion}`;
    if (behind < 0) {
      return Promise.resolve({
        state: "fail",
        found,
        advice: `Install Node 24; ${least.join(".")} is the oldest that works.`,
      });
    }
    if (major > 20) return Promise.resolve({ state: "ok", found });
    return Promise.resolve({
      state: "ok",
      found: `${found} (works, but Node 20 is out of support since April 2026; use 24)`,
    });
  },
};
