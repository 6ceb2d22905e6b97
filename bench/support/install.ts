import { access, rm, writeFile } from 'node:fs/promises';
import { run } from './process.js';
import { withScope } from './scope.js';

const policyFile = '/usr/sbin/policy-rc.d';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Installs Debian packages where one of `files` is missing, without starting their services; not root: throws what to type. */
export async function ensureInstalled(files: readonly string[], packages: readonly string[]): Promise<void> {
  const missing = (await Promise.all(files.map(async (f) => ((await exists(f)) ? [] : [f])))).flat();
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(`${missing.join(', ')}: not installed. Type: sudo ${command}`);
  process.stderr.write(`installing ${packages.join(', ')}\n`);
  await withScope(async (scope) => {
    // The packages' own daemons would take the core that is measured (deb-systemd-helper and invoke-rc.d ask this file).
    if (!(await exists(policyFile))) {
      await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
      scope.defer(() => rm(policyFile));
    }
    const [program = '', ...args] = command.split(' ');
    await run(program, ['-q', ...args], { ...process.env, DEBIAN_FRONTEND: 'noninteractive' });
  });
}
