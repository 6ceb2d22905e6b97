import { join } from 'node:path';
import { prepareOurs, startOurs } from '../ours.js';
import type { Subject } from '../subject.js';
import { run } from '../support/process.js';

/** This switch built with VSWITCH_ACCOUNTING=OFF: nothing is stamped, no tenant's cycles, packets or bytes are counted. */
export const withoutAccounting = (tree: string): Subject => {
  const build = join(tree, 'build/no-accounting');
  const env = { VSWITCH_ADDON: join(build, 'native/vswitch.node') };
  return {
    name: 'without-accounting',
    hasRules: true,
    prepare: async () => {
      await prepareOurs(tree);
      await run('cmake', ['-S', tree, '-B', build, '-DVSWITCH_ACCOUNTING=OFF']);
      await run('cmake', ['--build', build, '--parallel', '2']);
    },
    start: (workload, wiring, scope) => startOurs(tree, workload, wiring, scope, { env }),
  };
};
