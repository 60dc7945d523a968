/** Whether a path, with `/` between names, lies below the folder that it is named from: it has no empty name, no `.`, `..` or NUL. */
export const isPathBelow = (path: string): boolean =>
  !path.includes("\0") && path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
