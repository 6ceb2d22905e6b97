/** `npm start`: all set-up, then the switch in its lab. */
import { requireNode } from './node-version.mjs';

requireNode();

const help = `npm start [-- OPTIONS]

Sets up what is missing (Debian packages as root, npm packages, the addon, hugepages), then runs the switch with
config/lab.config.ts in a lab of network namespaces, sends real packets through it, and shows what happens until Ctrl-C.

  --for DURATION   end after this time, for example 20s or 5m
  --config FILE    another config; its VMs become namespaces
  --lab NAME       name of the lab, so that several run side by side (default: mtslab)
  --help           this text

The same without set-up: node bin/vswitch.js lab demo [OPTIONS]`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(help);
} else {
  const { runJob, setUp, root } = await import('./setup.mjs');
  const { runToEnd } = await import('./child.mjs');
  await runJob(async () => {
    await setUp();
    return runToEnd(process.execPath, ['bin/vswitch.js', 'lab', 'demo', ...args], { cwd: root });
  });
}
