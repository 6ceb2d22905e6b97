/** Runs fuzz targets, each for some seconds: `node test/fuzz/run.mjs SECONDS [TARGET...]`. Reports as TAP; what a target found stays in build/sanitized. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const builds = join(here, '../../build/sanitized');
const corpus = join(here, 'corpus');

/** The end of libFuzzer's report, which says how much was tried, or what was found. */
const lastLines = 40;

/**
 * What new inputs it makes is thrown away: only what was checked in is begun with, so that runs are alike.
 * @param {string} target @param {number} seconds
 * @returns {Promise<{ passed: boolean, runs: string, report: string }>}
 */
function fuzz(target, seconds) {
  const made = mkdtempSync(join(tmpdir(), `fuzz-${target}-`));
  const findings = join(builds, 'found', `${target}-`);
  mkdirSync(join(builds, 'found'), { recursive: true });
  const args = [
    `-max_total_time=${seconds}`,
    '-max_len=600',
    '-timeout=5',
    `-artifact_prefix=${findings}`,
    made,
    join(corpus, target),
  ];
  const env = { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' };
  const child = spawn(join(builds, 'fuzz', `${target}_fuzz`), args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let report = '';
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    report = (report + text).split('\n').slice(-lastLines).join('\n');
  });
  return new Promise((resolve) => {
    /** @param {boolean} passed */
    const end = (passed) => {
      rmSync(made, { recursive: true, force: true });
      resolve({ passed, runs: /Done (\d+) runs/.exec(report)?.[1] ?? '0', report });
    };
    child.on('error', (error) => {
      report += error.message;
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
}

const [seconds = '60', ...named] = process.argv.slice(2);
const targets = named.length > 0 ? named : readdirSync(corpus);
const waiting = targets.entries();
let failed = 0;

async function runner() {
  for (const [i, target] of waiting) {
    const { passed, runs, report } = await fuzz(target, Number(seconds));
    if (!passed) {
      ++failed;
      console.log(report.replaceAll(/^/gm, '# '));
    }
    console.log(`${passed ? 'ok' : 'not ok'} ${i + 1} - ${target}: ${runs} inputs in ${seconds} s`);
  }
}

console.log(`TAP version 13\n1..${targets.length}`);
await Promise.all(Array.from({ length: availableParallelism() }, runner));
console.log(`# pass ${targets.length - failed}\n# fail ${failed}`);
process.exitCode = failed === 0 ? 0 : 1;
