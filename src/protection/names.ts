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
      ".kube .azure .password-store id_rsa id_dsa id_ecdsa id_ed25519",
  },
  {
    why: "it settles what autogpt may do",
    access: "read-only",
    names: "ai_settings.yaml ai_settings.yml ai_settings.local.yaml",
  },
  {
    why: "version control obeys it, and runs programs that it names",
    access: "read-only",
    names: ".git .gitmodules .gitconfig .hg .hgrc .svn .jj .bzr .pijul",
  },
  {
    why: "it is run at each commit or push",
    access: "read-only",
    names:
      ".husky .huskyrc* .githooks .git-hooks lefthook.* .lefthook* lefthook-local.* .pre-commit-config.* .pre-commit-hooks.* " +
      ".overcommit* .simple-git-hooks.* simple-git-hooks.* .lintstagedrc* lint-staged.config.* .commitlintrc* " +
      "commitlint.config.* .czrc .gitlint",
  },
  {
    why: "shells run it where somebody enters the folder or starts there",
    access: "read-only",
    names:
      ".direnv .direnvrc .autoenv* mise.toml mise.*.toml .mise* .rtx* .tool-versions .config .bashrc .bash_* .profile " +
      ".login .logout .zshrc .zshenv .zprofile .zlogin .zlogout .zlocalrc .kshrc .cshrc .tcshrc .inputrc .xinitrc " +
      ".xprofile .xsession* .pam_environment .screenrc .tmux* .tmuxinator* .tmuxp* .zellij .lessfilter autorun.inf " +
      "desktop.ini",
  },
  {
    why: "editors obey it, and run programs that it names",
    access: "read-only",
    names:
      ".vscode .vscode-* *.code-workspace .idea *.iml .fleet .vs .zed .helix .nova .lapce .theia .sublime* *.sublime-project " +
      "*.sublime-workspace .kateproject .kateconfig .project .classpath .settings .externaltoolbuilders .vimrc _vimrc " +
      ".gvimrc _gvimrc .exrc _exrc .nvimrc .nvim.lua .nvim .vim .lvimrc .local.vimrc .vimspector.json .neoconf.json " +
      ".nlsp-settings .dir-locals*.el .emacs .emacs.* .ycm_extra_conf.py .clangd .devcontainer .devcontainer.json " +
      ".gitpod.* .replit replit.nix .codesandbox .stackblitzrc .idx",
  },
  {
    why: "AI assistants obey it, and run programs that it names",
    access: "read-only",
    names:
      "claude.md claude.local.md .claude agents.md agents.override.md agent.md .agents .agent .codex .cursor .cursorrules " +
      ".cursorignore gemini.md .gemini .geminiignore qwen.md .qwen .mcp.json mcp.json .windsurf .windsurfrules .clinerules .cline* " +
      ".roo .roo* .kilocode* .continue* .aider* .goosehints .goose .kiro .junie .amazonq .augment* .trae .void .warp " +
      "warp.md crush.md .crush* crush.json opencode.json* .opencode .openhands .rules .copilot*",
  },
  {
    why: "it is run by a service at each push",
    access: "read-only",
    names:
      ".github .gitlab .gitlab-ci* .circleci .buildkite .travis.yml .drone.* .woodpecker* .cirrus.* .gitea .forgejo " +
      ".semaphore .teamcity .tekton .azure-pipelines azure-pipelines* bitbucket-pipelines.yml appveyor.yml .appveyor.yml " +
      "jenkinsfile jenkinsfile.*",
  },
  {
    why: "package managers and build tools obey it whatever they are started for, and run programs that it names",
    access: "read-only",
    names:
      ".npmrc .yarnrc .yarnrc.* .yarn .pnp.* .pnpmfile.* pnpm-workspace.yaml bunfig.toml binding.gyp .cargo .mvn mvnw " +
      "mvnw.cmd gradlew gradlew.bat /gradle/wrapper init.gradle init.gradle.kts .bazelrc *.bazelrc .bazeliskrc .buckconfig* " +
      ".terraformrc terraform.rc nuget.config pip.conf pip.ini .condarc .gemrc .bundle .opam .npm .pip .bun .docker",
  },
  {
    why: "an interpreter or debugger runs it at each start",
    access: "read-only",
    names:
      "sitecustomize.py usercustomize.py *.pth pyvenv.cfg .pythonrc .pythonrc.py .pythonstartup .pdbrc .pdbrc.py .ipython " +
      ".jupyter .rprofile .irbrc .pryrc .rdbgrc .rspec .psqlrc .sqliterc .mongorc.js .mongoshrc.js .node_repl* .ghci .ocamlinit " +
      ".guile .sbclrc .iex.exs .tclshrc .gdbinit .gdbearlyinit .gdb .lldbinit* .cdbrc .rgrc .ripgreprc .ackrc .wgetrc .curlrc",
  },
];

/** Names that the list would hold by one of its patterns, and that hold no secret: others copy them. */
export const openNames = ".env.template .env.example .env.sample .env.dist .env.defaults .env.schema";
