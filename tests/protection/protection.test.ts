import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonFor, accessTo, protectionWith } from "../../src/protection/protection.js";

test("a name is found however a file system may take it, and names like it are free", () => {
  const protection = protectionWith();
  for (const path of [
    ".git",
    "a/b/.git/config",
    ".GIT/hooks/pre-commit",
    "GIT~1/config",
    "git~23",
    ".git./x",
    ".git ",
    ".git::$INDEX_ALLOCATION/config",
    ".g\u200cit/config",
    "HUSKY~1/pre-commit",
    ".vſcode",
    "Claude.MD",
    "lib/python3/site-packages/evil.pth",
    "gradle/wrapper/gradle-wrapper.jar",
  ])
    assert.equal(accessTo(protection, path), "read-only", path);
  for (const path of [".env", "a/.ENV.local", ".envrc", ".autogpt/x", "azure.yaml", ".ssh/id_ed25519", "id_rsa"])
    assert.equal(accessTo(protection, path), "hidden", path);
  for (const path of [
    ".gitignore",
    "git",
    "envy.txt",
    ".env.example",
    "a/azure.yaml",
    "package.json",
    "Makefile",
    "conftest.py",
    "src/Head/index.tsx",
    "a/gradle/wrapper",
    "notes/claude.md.txt",
    ".editorconfig",
  ])
    assert.equal(accessTo(protection, path), "open", path);
  assert.match(reasonFor("x/.git/config") ?? "", /version control/);
});

test("places that tools run or obey by themselves, and that hold secrets, each by its own name", () => {
  const protection = protectionWith();
  const readOnly =
    ".lfsconfig .hgsub .sl/config _darcs/prefs/defaults .fossil-settings/editor .p4config .arcconfig .lazygit.yml captainhook.json " +
    "grumphp.yml prek.toml .rusty-hook.toml hk.pkl .trunk/trunk.yaml .rvmrc .smartcd_config .shadowenv.d/a.lisp .prototools " +
    ".moon/toolchain.yml photos/.directory .lite_project.lua .bsp/sbt.json .lsp/config.edn .luarc.json omnisharp.json .tm_properties " +
    ".projections.json .mcp/a.json .factory/mcp.json .aiassistant/rules/a.md gptme.toml replit.md .build.yml .builds/a.yml " +
    "buildspec.yml cloudbuild.yaml .readthedocs.yaml renovate.json5 ansible.cfg uv.toml .pdm-python rust-toolchain.toml .sbtopts " +
    "tools/bazel .bazelversion .pants.rc .RData .erlang .octaverc startup.m .perldb .proverc .user.ini .byebugrc";
  for (const path of readOnly.split(" ")) assert.equal(accessTo(protection, path), "read-only", path);
  const hidden =
    ".env-local .env_prod .env~ prod.env .dev.vars .secrets .htpasswd .vault-token config/master.key id_ed25519_sk";
  for (const path of hidden.split(" ")) assert.equal(accessTo(protection, path), "hidden", path);
  const open =
    ".env-example example.env a/tools/bazel rust-toolchain.md builds/a.yml slides/startup.md environment.yml";
  for (const path of open.split(" ")) assert.equal(accessTo(protection, path), "open", path);
});

test("of the user's rules the last that fits counts; what holds secrets stays hidden", () => {
  const protection = protectionWith([
    { pattern: "infra/**", access: "read-only" },
    { pattern: "infra/open", access: "open" },
    { pattern: "*.pem", access: "hidden" },
    { pattern: "public.pem", access: "read-only" },
    { pattern: ".github", access: "open" },
    { pattern: ".env", access: "open" },
  ]);
  const accesses = (paths: readonly string[]) => paths.map((path) => accessTo(protection, path));
  assert.deepEqual(accesses(["infra/a", "infra/open/b", "x/infra/a"]), ["read-only", "open", "open"]);
  assert.deepEqual(accesses(["k/a.pem", "k/public.pem"]), ["hidden", "read-only"]);
  assert.deepEqual(accesses([".github/workflows/a.yml", ".github/.env", ".env"]), ["open", "hidden", "hidden"]);
});
