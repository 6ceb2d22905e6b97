/** A command of the documentation and lines of its answer. */
export interface ConsoleCommand {
  readonly command: string;
  /** Each is in the command's output; `…` stands for anything. */
  readonly lines: readonly string[];
}

export interface ConsoleBlock {
  /** Of its first line in the file, from 1. */
  readonly line: number;
  /** Exit code of its last command; the others have 0. */
  readonly exit: number;
  readonly commands: readonly ConsoleCommand[];
}

/**
 * The blocks of a Markdown text that are fenced as `console`, or `console exit=N` where the last command ends with that code. A
 * command follows a prompt, `$` or root's `#`; the lines after it are of its output.
 */
export function consoleBlocks(markdown: string): ConsoleBlock[] {
  return [...markdown.matchAll(/^```console(?: exit=(\d+))?\n(.*?)^```$/gms)].map(({ 1: exit, 2: text = '', index }) => ({
    line: markdown.slice(0, index).split('\n').length + 1,
    exit: Number(exit ?? 0),
    commands: commandsOf(text),
  }));
}

function commandsOf(text: string): ConsoleCommand[] {
  const commands: { command: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const prompt = /^[$#] (.*)$/.exec(line);
    if (prompt) commands.push({ command: prompt[1] ?? '', lines: [] });
    else if (line.trim() !== '') commands.at(-1)?.lines.push(line);
  }
  return commands;
}

/** Whether some line of `output` holds `line`; runs of spaces are as one. */
export function holdsLine(output: string, line: string): boolean {
  const parts = squeeze(line)
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(parts.join('.*'));
  return output.split('\n').some((text) => pattern.test(squeeze(text)));
}

const squeeze = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
