import { main } from '../../src/cli/main.js';

/** Runs the program in this process, without a terminal or an environment. */
export async function vswitch(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    readStdin: async () => '',
    terminal: { interactive: false, columns: 200, rows: 50 },
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
