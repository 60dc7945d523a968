// Loaded before node:test. Its runner follows every promise by async_hooks, to name the test in which a stray error arose; the
// loop and the servers of the tests then take a sixth more time. Without it such an error still fails the run with its message.
import hooks from "node:async_hooks";

const { createHook } = hooks;
const none = { enable: () => none, disable: () => none };
hooks.createHook = (callbacks) =>
  (new Error("whose call").stack ?? "").includes("node:internal/test_runner/")
    ? /** @type {import("node:async_hooks").AsyncHook} */ (none)
    : createHook(callbacks);
