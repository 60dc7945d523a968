import { SettingsError } from "../../errors.js";
import { completeWord } from "./complete.js";
import { shells } from "./shells.js";

/** The script that makes a shell complete autogpt: it asks the program itself at each Tab. Throws SettingsError for other shells. */
export function completionScript(shell: string): string {
  const script = new Map<string, string>(Object.entries(scripts)).get(shell.toLowerCase());
  if (script !== undefined) return script;
  throw new SettingsError(`There is no completion for ${JSON.stringify(shell)}, only for ${shells.join(", ")}.`);
}

const bash = `# Add this line to ~/.bashrc: eval "$(autogpt completion bash)"
_autogpt() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line
  [[ $current == "=" ]] && current=""
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames; mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames; mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$current") ;;
      *) line="\${line%%$'\\t'*}"; COMPREPLY+=("$line"); [[ $line == */ ]] && compopt -o nospace ;;
    esac
  done < <(autogpt ${completeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _autogpt autogpt`;

const zsh = `#compdef autogpt
# Save this as _autogpt in a folder of $fpath, or add to ~/.zshrc, behind compinit: eval "$(autogpt completion zsh)"
_autogpt() {
  local -a found
  local line also=""
  while IFS= read -r line; do
    case $line in
      :files|:folders) also=$line ;;
      *$'\\t'*) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) found+=("\${line//:/\\\\:}") ;;
    esac
  done < <(autogpt ${completeWord} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if [[ -n $also ]]; then
    compset -P '--*='
    if [[ $also == :files ]]; then _files; else _files -/; fi
  fi
  (( $#found )) && _describe -V autogpt found
}
if [[ $funcstack[1] == _autogpt ]]; then _autogpt "$@"; else compdef _autogpt autogpt; fi`;

const fish = `# Save this as ~/.config/fish/completions/autogpt.fish
function __autogpt_complete
  set -l before (commandline -opc)
  set -e before[1]
  set -l current (commandline -ct)
  for line in (autogpt ${completeWord} $before "$current" 2>/dev/null)
    switch $line
      case :files
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
      case :folders
        __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$current") ''
      case '*'
        echo $line
    end
  end
end
complete -c autogpt -f -a '(__autogpt_complete)'`;

// Before version 7.3 PowerShell drops an argument that is empty, and passes '""' on as one.
const powershell = `# Add this line to $PROFILE: autogpt completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName autogpt -ScriptBlock {
  param($word, $line, $cursor)
  $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
  if ($word -eq '') { $words += '""' }
  autogpt ${completeWord} @words 2>$null | Where-Object { $_ -notlike ':*' } | ForEach-Object {
    $text, $help = $_ -split "\`t", 2
    if (-not $help) { $help = $text }
    [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $help)
  }
}`;

const scripts: Record<(typeof shells)[number], string> = { bash, zsh, fish, powershell };
