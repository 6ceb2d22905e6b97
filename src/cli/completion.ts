import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A command and what may follow it, as the completion scripts need it. */
interface Node {
  /** Words from the program's name on, for example `vswitch flows`. */
  readonly path: readonly string[];
  readonly words: readonly { readonly word: string; readonly help: string; readonly takesValue?: boolean }[];
}

function nodesOf(command: Command, path: readonly string[]): Node[] {
  const visible = command.commands.filter((child) => child.name() !== 'help');
  const flags = command.options.filter((option) => option.long);
  const words = [
    ...visible.map((child) => ({ word: child.name(), help: child.description() })),
    ...flags.map((o) => ({ word: o.long ?? '', help: o.description, takesValue: o.required || o.optional })),
    { word: '--help', help: 'show help' },
  ];
  return [{ path, words }, ...visible.flatMap((child) => nodesOf(child, [...path, child.name()]))];
}

/** The completion script of a shell, made from the commands that exist. */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesOf(program, [program.name()]);
  switch (shell) {
    case 'bash':
      return bash(program.name(), nodes);
    case 'zsh':
      return `#compdef ${program.name()}\nautoload -U +X bashcompinit && bashcompinit\n${bash(program.name(), nodes)}`;
    case 'fish':
      return fish(program.name(), nodes);
  }
}

function bash(name: string, nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, words }) => `    '${path.join(' ')}') words='${words.map((w) => w.word).join(' ')}' ;;`);
  const valued = [...new Set(nodes.flatMap(({ words }) => words.filter((w) => w.takesValue).map((w) => w.word)))];
  return `_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='${name}' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i - 1]}" in ${valued.join(' | ') || "''"}) continue ;; esac
    [[ "\${COMP_WORDS[i]}" == -* ]] || path+=" \${COMP_WORDS[i]}"
  done
  case "$path" in
${cases.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  [[ \${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -o filenames -F _${name} ${name}
`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(name: string, nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, words }) => {
    const [, ...inside] = path;
    const condition =
      inside.length === 0 ? '__fish_use_subcommand' : inside.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    return words.map(({ word, help }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c ${name} -n ${quoted(condition)} ${what} -d ${quoted(help)}`;
    });
  });
  return lines.join('\n') + '\n';
}
