import type { Command } from './command.js';
import { OPTIONS, OUTPUTS, type OptionName, type OptionRow } from './options.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The completion script of a shell, made from the table of commands. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      // zsh runs bash's functions once its compatibility is loaded.
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

const rowOf = (name: OptionName): OptionRow => OPTIONS[name];
const words = (command: Command): readonly string[] => command.name.split(' ');
const distinct = (list: readonly string[]): readonly string[] => [...new Set(list)];
const FILE_OPTIONS = (Object.keys(OPTIONS) as readonly OptionName[]).filter((o) =>
  /^(?:FILE|DIR)$/.test(rowOf(o).value ?? ''),
);

function bash(commands: readonly Command[]): string {
  const first = distinct(commands.map((c) => words(c)[0] ?? ''));
  const groups = first.filter((word) => commands.some((c) => c.name.startsWith(`${word} `)));
  const second = groups.map((group) => {
    const inside = commands.filter((c) => c.name.startsWith(`${group} `)).map((c) => words(c)[1] ?? '');
    return `    "${group} ") words="${distinct(inside).join(' ')}" ;;`;
  });
  const options = commands.map((c) => {
    const [group, member] = words(c);
    return `    "${group} ${member ?? ''}"*) options="${c.options.map((o) => `--${o}`).join(' ')} --help" ;;`;
  });
  return `# ai-operator completion; load with: source <(ai-operator completion bash)
_ai_operator() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" options=""
  case "$previous" in
    ${FILE_OPTIONS.map((o) => `--${o}`).join('|')}|-c) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --output|-o) COMPREPLY=($(compgen -W "${OUTPUTS.join(' ')}" -- "$current")); return ;;
  esac
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]:-}" in
${options.join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "\${options:---config --help --version}" -- "$current"))
    return
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then words="${[...first, 'help'].join(' ')}"; fi
  if [[ $COMP_CWORD -eq 2 ]]; then case "\${COMP_WORDS[1]} " in
${second.join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _ai_operator ai-operator`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((c) => {
    const [group = '', member] = words(c);
    const summary = quoted(c.summary);
    const seen = `__fish_seen_subcommand_from ${group}`;
    const inside = member === undefined ? seen : `${seen}; and __fish_seen_subcommand_from ${member}`;
    const offered =
      member === undefined
        ? `complete -c ai-operator -n __fish_use_subcommand -f -a ${group} -d ${summary}`
        : `complete -c ai-operator -n ${quoted(seen)} -f -a ${member} -d ${summary}`;
    const options = c.options.map((o) => {
      const { short, type, help } = rowOf(o);
      const letter = short === undefined ? '' : ` -s ${short}`;
      const value = type === 'string' ? (FILE_OPTIONS.includes(o) ? ' -r -F' : ' -x') : '';
      return `complete -c ai-operator -n ${quoted(inside)} -l ${o}${letter}${value} -d ${quoted(help)}`;
    });
    return [offered, ...options];
  });
  const groups = distinct(commands.filter((c) => c.name.includes(' ')).map((c) => words(c)[0] ?? ''));
  const heads = groups.map((g) => `complete -c ai-operator -n __fish_use_subcommand -f -a ${g}`);
  return ['# ai-operator completion; load with: ai-operator completion fish | source', ...heads, ...lines].join('\n');
}
