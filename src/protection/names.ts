import type { Access } from "./rule.js";

/** Names of files and folders, with why commands may not write them, or not even read them. */
export type ProtectedNames = { why: string; access: Exclude<Access, "open">; names: string };

/**
 * What a person's tools run or obey by themselves, because somebody enters a folder, opens it in an editor, commits,
 * pushes, or starts a shell, a debugger or an interpreter there; and what holds secrets. Names between spaces, in any
 * folder of the workspace and with all that lies below them; `*` stands for any letters, a name that begins with `/`
 * holds directly in the workspace only. What runs as a part of the project itself, when somebody builds, tests or starts
 * it, is not in here: that is what the AI is to work on.
 */
export const protectedNames: readonly ProtectedNames[] = [
  {
    why: "it belongs to the program itself",
    access: "hidden",
    names: ".autogpt /azure.yaml",
  },
  {
    why: "such files hold secrets",
    access: "hidden",
    names:
      ".env .env.* .envrc .envrc.* .netrc _netrc .pgpass .my.cnf .git-credentials .pypirc .renviron .ssh .gnupg .aws " +
      ".kube .azure .password-store id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk .env-* .env_* .env~ " +
      "*.env .dev.vars .dev.vars.* .secrets .htpasswd .vault-token .s3cfg .boto .databrickscfg .dockercfg " +
      ".terraform.d master.key local.settings.json",
  },
  {
    why: "it settles what autogpt may do",
    access: "read-only",
    names: "ai_settings.yaml ai_settings.yml ai_settings.local.yaml",
  },
  {
    why: "version control obeys it, and runs programs that it names",
    access: "read-only",
    names:
      ".git .gitmodules .gitconfig .lfsconfig .hg .hgrc .hgsub .hgsubstate .svn .jj .sl .bzr .pijul _darcs " +
      ".fossil-settings .p4config p4config.txt .arcconfig .lazygit.yml",
  },
  {
    why: "it is run at each commit or push",
    access: "read-only",
    names:
      ".husky .huskyrc* .githooks .git-hooks lefthook.* .lefthook* lefthook-local.* .pre-commit-config.* " +
      ".pre-commit-hooks.* .overcommit* .simple-git-hooks.* simple-git-hooks.* .lintstagedrc* lint-staged.config.* " +
      ".commitlintrc* commitlint.config.* .czrc .gitlint captainhook.json grumphp.* .grumphp* prek.toml " +
      ".rusty-hook.toml .cargo-husky hk.pkl .trunk",
  },
  {
    why: "shells run it where somebody enters the folder or starts there",
    access: "read-only",
    names:
      ".direnv .direnvrc .autoenv* .rvmrc .smartcd* .shadowenv* .prototools .moon mise.toml mise.*.toml .mise* .rtx* " +
      ".tool-versions .config .bashrc .bash_* .profile .login .logout .zshrc .zshenv .zprofile .zlogin .zlogout " +
      ".zlocalrc .kshrc .cshrc .tcshrc .inputrc .xinitrc .xprofile .xsession* .pam_environment .screenrc .tmux* " +
      ".tmuxinator* .tmuxp* .zellij .lessfilter autorun.inf desktop.ini .directory",
  },
  {
    why: "editors obey it, and run programs that it names",
    access: "read-only",
    names:
      ".vscode .vscode-* *.code-workspace .idea *.iml .fleet .vs .zed .helix .nova .lapce .theia .sublime* " +
      "*.sublime-project *.sublime-workspace .kateproject .kateconfig .project .classpath .settings " +
      ".externaltoolbuilders .vimrc _vimrc .gvimrc _gvimrc .exrc _exrc .nvimrc .nvim.lua .nvim .vim .lvimrc " +
      ".local.vimrc .vimspector.json .neoconf.json .nlsp-settings .dir-locals*.el .emacs .emacs.* .ycm_extra_conf.py " +
      ".clangd .devcontainer .devcontainer.json .gitpod.* .replit replit.nix .codesandbox .stackblitzrc .idx " +
      ".lite_project.lua .bsp .lsp .luarc.json .luarc.jsonc omnisharp.json .tm_properties .kakrc .projections.json " +
      ".micro",
  },
  {
    why: "AI assistants obey it, and run programs that it names",
    access: "read-only",
    names:
      "claude.md claude.local.md .claude agents.md agents.override.md agent.md .agents .agent .codex .cursor " +
      ".cursorrules .cursorignore gemini.md .gemini .geminiignore qwen.md .qwen .mcp.json mcp.json .windsurf " +
      ".windsurfrules .clinerules .cline* .roo .roo* .mcp mcp_config.json .factory .devin .jules .codeium .cody " +
      ".tabnine .aiassistant .qodo .qoder .lingma .codebuddy .iflow iflow.md .amp .vibe .grok .kimi .gptme gptme.toml " +
      "replit.md .bolt .rovodev .zencoder .kilocode* .continue* .aider* .goosehints .goose .kiro .junie .amazonq " +
      ".augment* .trae .void .warp warp.md crush.md .crush* crush.json opencode.json* .opencode .openhands .rules " +
      ".copilot*",
  },
  {
    why: "it is run by a service at each push",
    access: "read-only",
    names:
      ".github .gitlab .gitlab-ci* .circleci .buildkite .travis.yml .drone.* .woodpecker* .cirrus.* .gitea .forgejo " +
      ".semaphore .teamcity .tekton .azure-pipelines azure-pipelines* bitbucket-pipelines.yml appveyor.yml " +
      ".appveyor.yml jenkinsfile jenkinsfile.* .build.yml .builds buildspec.yml buildspec.yaml cloudbuild.yaml " +
      "cloudbuild.yml cloudbuild.json codefresh.yml codemagic.yaml bitrise.yml .readthedocs.* renovate.json* " +
      ".renovaterc* .vela.* .screwdriver* screwdriver.yaml .mergify* .pipelines",
  },
  {
    why: "package managers and build tools obey it whatever they are started for, and run programs that it names",
    access: "read-only",
    names:
      ".npmrc .yarnrc .yarnrc.* .yarn .pnp.* .pnpmfile.* pnpm-workspace.yaml bunfig.toml binding.gyp .cargo .mvn mvnw " +
      "mvnw.cmd gradlew gradlew.bat /gradle/wrapper init.gradle init.gradle.kts .bazelrc *.bazelrc .bazeliskrc " +
      ".buckconfig* .terraformrc terraform.rc .tofurc ansible.cfg nuget.config pip.conf pip.ini .condarc .gemrc " +
      ".bundle .opam .npm .pip .bun .docker .mambarc uv.toml poetry.toml .pdm-python rust-toolchain " +
      "rust-toolchain.toml .sbtopts .jvmopts .mill-jvm-opts .mill-version /tools/bazel .bazelversion .pantsrc* " +
      ".pants.* .plzconfig*",
  },
  {
    why: "an interpreter or debugger runs it at each start",
    access: "read-only",
    names:
      "sitecustomize.py usercustomize.py *.pth pyvenv.cfg .pythonrc .pythonrc.py .pythonstartup .pdbrc .pdbrc.py " +
      ".ipython .jupyter .rprofile .irbrc .pryrc .rdbgrc .rspec .psqlrc .sqliterc .mongorc.js .mongoshrc.js " +
      ".node_repl* .ghci .ocamlinit .guile .sbclrc .iex.exs .tclshrc .gdbinit .gdbearlyinit .gdb .lldbinit* .cdbrc " +
      ".rgrc .ripgreprc .ackrc .wgetrc .curlrc .rdata .erlang .octaverc startup.m .swiplrc .perldb .proverc .user.ini " +
      ".wishrc .byebugrc .gnuplot .utoprc .ghc.environment.*",
  },
];

/** Names that the list would hold by one of its patterns, and that hold no secret: others copy them. */
export const openNames =
  ".env.template .env.example .env.sample .env.dist .env.defaults .env.schema .env-template .env-example .env-sample " +
  ".env_template .env_example .env_sample template.env example.env sample.env";
