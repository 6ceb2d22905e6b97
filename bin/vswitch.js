#!/usr/bin/env node
import { existsSync } from 'node:fs';

// Whoever reads our output may stop early, as in `vswitch flows list | head`.
process.stdout.on('error', (error) => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const built = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(built)) {
  const { main } = await import(built.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error('vswitch: not built yet; run: npm run build');
  process.exitCode = 72;
}
