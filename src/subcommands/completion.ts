import type { Command } from "commander";
import { SettingsError } from "../errors.js";

/** What a shell can complete: the program's own flags, and the flags and words of each subcommand. */
type Words = { flags: Flag[]; subcommands: { name: string; help: string; flags: Flag[]; words: string[] }[] };
type Flag = { long: string; short: string | undefined; help: string };

const shells = { bash, zsh, fish, powershell };

/** The script that makes a shell complete autogpt, made from the declared flags. Throws SettingsError for other shells. */
export function completionScript(shell: string, program: Command): string {
  const write = new Map(Object.entries(shells)).get(shell.toLowerCase());
  if (write) return write(wordsOf(program));
  throw new SettingsError(
    `There is no completion for ${JSON.stringify(shell)}, only for ${Object.keys(shells).join(", ")}.`,
  );
}

const wordsOf = (program: Command): Words => ({
  flags: flagsOf(program),
  subcommands: program.commands.map((command) => ({
    name: command.name(),
    help: command.description(),
    flags: flagsOf(command),
    words: wordsBehind(command),
  })),
});

/** The inner subcommands, or what the first argument may be. */
const wordsBehind = (command: Command): string[] => {
  if (command.name() === "completion") return Object.keys(shells);
  const [argument] = command.registeredArguments;
  return argument?.argChoices ?? command.commands.map((inner) => inner.name());
};

const flagsOf = (command: Command): Flag[] =>
  command.options.flatMap(({ long, short, description }) =>
    long ? [{ long, short: short ?? undefined, help: firstLine(description) }] : [],
  );

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").replace(/['"`$\\[\]:]/g, "");
const spelled = (flags: readonly Flag[]): string =>
  flags.flatMap(({ long, short }) => (short ? [short, long] : [long])).join(" ");

function bash({ flags, subcommands }: Words): string {
  const cases = subcommands.map(
    ({ name, flags: own, words }) => `    ${name}) words="${[...words, spelled(own)].join(" ").trim()}" ;;`,
  );
  return `# autogpt completion bash >> ~/.bashrc
_autogpt() {
  local words="${subcommands.map(({ name }) => name).join(" ")} ${spelled(flags)} --help"
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _autogpt autogpt`;
}

function zsh({ flags, subcommands }: Words): string {
  const list = subcommands.map(({ name, help }) => `    '${name}:${firstLine(help)}'`);
  const options = (own: readonly Flag[]): string => own.map(({ long, help }) => `'${long}[${help}]'`).join(" ");
  const cases = subcommands.map(
    ({ name, flags: own, words }) =>
      `    ${name}) _arguments ${[options(own), words.length > 0 ? `'*:word:(${words.join(" ")})'` : ""].join(" ").trim() || "'*::'"} ;;`,
  );
  return `#compdef autogpt
# autogpt completion zsh > a folder of $fpath, as _autogpt
_autogpt() {
  local -a subcommands=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe subcommand subcommands; return; fi
  case $words[2] in
${cases.join("\n")}
    *) _arguments ${options(flags)} ;;
  esac
}
compdef _autogpt autogpt`;
}

function fish({ flags, subcommands }: Words): string {
  const option = (condition: string, { long, short, help }: Flag): string =>
    `complete -c autogpt -n '${condition}' -l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ""} -d '${help}'`;
  return [
    "# autogpt completion fish > ~/.config/fish/completions/autogpt.fish",
    ...flags.map((flag) => option("__fish_use_subcommand", flag)),
    ...subcommands.flatMap(({ name, help, flags: own, words }) => [
      `complete -c autogpt -n '__fish_use_subcommand' -f -a '${name}' -d '${firstLine(help)}'`,
      ...own.map((flag) => option(`__fish_seen_subcommand_from ${name}`, flag)),
      ...(words.length > 0
        ? [`complete -c autogpt -n '__fish_seen_subcommand_from ${name}' -f -a '${words.join(" ")}'`]
        : []),
    ]),
  ].join("\n");
}

function powershell({ flags, subcommands }: Words): string {
  const list = (words: readonly string[]): string => `@(${words.map((word) => `'${word}'`).join(", ")})`;
  const own = subcommands.map(
    ({ name, flags: its, words }) => `    '${name}' = ${list([...words, ...its.map(({ long }) => long)])}`,
  );
  return `# autogpt completion powershell >> $PROFILE
Register-ArgumentCompleter -Native -CommandName autogpt -ScriptBlock {
  param($word, $line, $cursor)
  $subcommands = @{
${own.join("\n")}
  }
  $first = ($line.CommandElements | Select-Object -Skip 1 -First 1).Extent.Text
  $words = ${list([...subcommands.map(({ name }) => name), ...flags.map(({ long }) => long)])}
  if ($first -and $subcommands.ContainsKey($first)) { $words = $subcommands[$first] }
  $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}`;
}
