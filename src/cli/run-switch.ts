import pino from 'pino';
import { checkFile } from '../flow/check-file.js';
import { startVswitch } from '../runtime.js';

/** Past this the process ends by itself: a device that hangs must not keep the service from stopping. */
const closeLimitMs = 1800;

/** Runs the switch of a config file until SIGINT or SIGTERM; a second signal ends the process at once. Logs to standard error. */
export async function runSwitch(file: string, level: string): Promise<void> {
  const log = pino({ level }, pino.destination({ fd: 2, sync: true }));
  const config = await checkFile(file);
  // Listened for from here on, so that a signal during the start ends what was started.
  const stop = firstSignal();
  const runtime = await startVswitch(config, { log });
  process.once('exit', () => runtime.closeSync());
  const signal = await stop;
  log.info({ signal }, 'stopping');
  const limit = setTimeout(() => {
    log.error({ limitMs: closeLimitMs }, 'the switch did not close in time');
    process.exit(70);
  }, closeLimitMs);
  await runtime.close();
  clearTimeout(limit);
  log.info('stopped');
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
        resolve(signal);
      });
    }
  });
}
