import { execFileSync } from 'node:child_process';
import test from 'ava';
import { Command } from 'commander';
import { completionScript } from '../../../src/cli/completion.js';

const program = new Command('vswitch').option('--socket <path>', 'the socket').option('--json', 'for programs');
const flows = program.command('flows').description("flows; 'quoted'");
flows.command('list').description('show').option('-t, --tenant <name>', 'of a tenant');
flows.command('del').description('delete');
program.command('ports').description('ports');

/** What bash offers after these words. */
const complete = (...words: string[]): string[] => {
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _vswitch; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
};

test('bash completes commands, their subcommands and options', (t) => {
  t.deepEqual(complete('vswitch', ''), ['flows', 'ports', '--socket', '--json', '--help']);
  t.deepEqual(complete('vswitch', 'flows', ''), ['list', 'del', '--help']);
  t.deepEqual(complete('vswitch', 'flows', 'list', '--t'), ['--tenant']);
});

test('an option’s value is not taken for a command', (t) => {
  t.deepEqual(complete('vswitch', '--socket', '/a/b', 'flows', 'd'), ['del']);
});

test('an option without a value does not hide the command', (t) => {
  t.deepEqual(complete('vswitch', '--json', 'po'), ['ports']);
});

test('the zsh script is the bash one under compdef', (t) => {
  t.true(completionScript(program, 'zsh').startsWith('#compdef vswitch\n'));
});

test('fish: a line for each command and option, quotes escaped', (t) => {
  const script = completionScript(program, 'fish');
  t.true(script.includes(`complete -c vswitch -n '__fish_use_subcommand' -a flows -d 'flows; \\'quoted\\''`));
  t.true(
    script.includes(
      `complete -c vswitch -n '__fish_seen_subcommand_from flows; and __fish_seen_subcommand_from list' -l tenant -d 'of a tenant'`,
    ),
  );
});
