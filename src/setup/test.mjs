/** `npm test`: all set-up, then every suite, or those that are named. */
import { requireNode } from './node-version.mjs';

requireNode();
const names = process.argv.slice(2);
const { runJob, setUp } = await import('./setup.mjs');
const { runSuites } = await import('./run-suites.mjs');
const { selectSuites, suites } = await import('./suites.mjs');

if (names.includes('--help') || names.includes('-h')) {
  console.log('npm test [-- SUITE...]\n');
  for (const { name, title } of suites) console.log(`  ${name.padEnd(12)} ${title}`);
} else {
  await runJob(async () => {
    const chosen = selectSuites(names);
    await setUp({ tests: true });
    return (await runSuites(chosen)).failed === 0 ? 0 : 1;
  });
}
