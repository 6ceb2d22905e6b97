import test from 'ava';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, root, textOf } from '../../support/source-tree.js';

const splitAtLines = 300;

test('no file is longer than where it is to be split', (t) => {
  const files = ['src', 'native', 'bench', 'test', 'config', 'bin'].flatMap((f) => filesIn(f, '.ts', '.js', '.mjs', '.h', '.cc'));
  t.true(files.length > 100);
  const long = files
    .map((file) => [file, textOf(file).split('\n').length - 1] as const)
    .filter(([, lines]) => lines > splitAtLines);
  t.deepEqual(long, []);
});

test('the lock file names no registry: packages come from wherever npm is configured', (t) => {
  t.deepEqual([...textOf('package-lock.json').matchAll(/https?:\/\/[^"]*\.tgz/g)], []);
});

test('every dependency has its reason in docs/decisions.md', (t) => {
  const manifest = JSON.parse(textOf('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const decisions = textOf('docs/decisions.md');
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  t.true(names.length > 10);
  t.deepEqual(
    names.filter((name) => !decisions.includes('`' + name + '`')),
    [],
  );
});

test('links in the documents lead to files that exist', (t) => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesIn('docs', '.md')].filter((f) =>
    existsSync(join(root, f)),
  );
  const broken = documents.flatMap((document) =>
    [...textOf(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, document, '..', target)))
      .map((target) => `${document}: ${target}`),
  );
  t.deepEqual(broken, []);
});

test('nothing committed says that it is unfinished', (t) => {
  const files = ['src', 'native', 'bench', 'config', 'bin'].flatMap((f) => filesIn(f, '.ts', '.js', '.mjs', '.h', '.cc'));
  const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].map((mark) => `\\b${mark}\\b`).join('|'));
  t.deepEqual(
    files.filter((file) => marks.test(textOf(file))),
    [],
  );
});
