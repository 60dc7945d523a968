import tseslint from "typescript-eslint";

/** @param {string} name @param {string} message */
const banned = (name, message) => ({
  selector: `MemberExpression[object.name="process"][property.name="${name}"]`,
  message,
});

export default tseslint.config(
  { ignores: ["**/dist/**", "types/**", ".dist-*/**", "**/node_modules/**", "workspace/**", ".autogpt/**"] },
  {
    files: ["**/*.{ts,tsx,js,mjs}"],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // node:test collects what its functions return by itself.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["test", "it", "describe", "suite"], package: "node:test" },
          ],
        },
      ],
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/return-await": ["error", "in-try-catch"],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/only-throw-error": "error",
      "no-empty": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["src/**/*.{ts,tsx,mjs}", "{bin,build}/**/*.js", "tests/**/*.js"],
    rules: {
      "max-lines": ["error", 250],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        banned("exit", "Only cli.ts ends the process."),
        banned("env", "Settings are read in settings/ and passed down."),
      ],
    },
  },
  {
    // How the program was started and where packages lie are no settings: npm says the one, and the other is asked far from any.
    files: ["src/settings/**/*.ts", "src/base/process/command-line.ts", "src/base/packages/added.ts"],
    rules: { "no-restricted-syntax": ["error", banned("exit", "Only cli.ts ends the process.")] },
  },
  { files: ["src/cli.ts"], rules: { "no-console": "off", "no-restricted-syntax": "off" } },
  { files: ["src/console/**/*.ts"], rules: { "no-console": "off" } },
);
