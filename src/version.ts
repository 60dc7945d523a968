/** Put in by the build; where the source runs as it is, nobody has. */
declare const PACKAGE_VERSION: string | undefined;

/** The version of the package. */
export const version: string = typeof PACKAGE_VERSION === "string" ? PACKAGE_VERSION : "0.0.0-source";
