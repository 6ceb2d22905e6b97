import test from 'ava';
import { consoleBlocks, holdsLine } from '../../support/console-blocks.js';

const text = [
  'text',
  '```console',
  '$ one',
  'answer',
  '# two',
  '```',
  '```sh',
  '$ three',
  '```',
  '```console exit=77',
  '# four',
  '```',
  '',
];

test('commands are found with their answers, exit codes and lines; other blocks are not commands', (t) => {
  t.deepEqual(consoleBlocks(text.join('\n')), [
    {
      line: 3,
      exit: 0,
      commands: [
        { command: 'one', lines: ['answer'] },
        { command: 'two', lines: [] },
      ],
    },
    { line: 11, exit: 77, commands: [{ command: 'four', lines: [] }] },
  ]);
});

test('a line is held by an output whatever its spaces, and nothing but the ellipsis is a wildcard', (t) => {
  t.true(holdsLine('a\n  x   1.5 (y)  z', 'x 1.5 (y)'));
  t.true(holdsLine('process 12 [CODE]', 'process … [CODE]'));
  t.false(holdsLine('x 125 (y)', 'x 1.5 (y)'));
  t.false(holdsLine('a\nb', 'a b'));
});
