/**
 * Counts the data plane's instructions per packet on its main paths with callgrind, and compares them with instructions.json.
 * `node test/instructions/run.mjs BINARY` reports as TAP; with `--write` it writes the file anew.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const file = join(import.meta.dirname, 'instructions.json');
/** More than this share above what is written down is a failure; less is a remark. */
const tolerance = 0.03;
/** Of 2,048 packets each: what differs between the first burst and the others weighs little then. */
const rounds = 5;

/** @typedef {{ reason: string, compiler: string, instructionsPerPacket: Record<string, number> }} Expected */

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.split('\n').slice(-5).join('\n')}`);
  return stdout;
}

/**
 * The instructions in a callgrind file, but for those of DPDK's drivers and the dynamic linker, which are not ours.
 * @param {string} text
 */
export function ownInstructions(text) {
  /** @type {Map<string, string>} */
  const objects = new Map();
  let object = '';
  let sum = 0;
  let isCall = false;
  for (const line of text.split('\n')) {
    const named = /^c?ob=(\(\d+\))(?: (.*))?$/.exec(line);
    if (named) {
      const [, id = '', name] = named;
      if (name !== undefined) objects.set(id, name);
      if (line.startsWith('ob=')) object = objects.get(id) ?? '';
    }
    if (/^[+*\d-]\S* \d+$/.test(line) && !isCall && !/librte_|ld-linux/.test(object)) sum += Number(line.split(' ')[1]);
    isCall = line.startsWith('calls=');
  }
  return sum;
}

/** @param {string} binary @param {string} scenario */
function count(binary, scenario) {
  const directory = mkdtempSync(join(tmpdir(), 'instructions-'));
  try {
    const out = join(directory, 'callgrind.out');
    const options = ['--tool=callgrind', `--callgrind-out-file=${out}`, '--toggle-collect=vswitch::run_pipeline*'];
    /** @type {unknown} */
    const report = JSON.parse(run('valgrind', [...options, binary, String(rounds), scenario]));
    const { packets } = /** @type {{ packets: number }} */ (report);
    return Math.round((ownInstructions(readFileSync(out, 'utf8')) / packets) * 10) / 10;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const [binary = '', flag] = process.argv.slice(2);
/** @type {unknown} */
const written = JSON.parse(readFileSync(file, 'utf8'));
const expected = /** @type {Expected} */ (written);
const compiler = run('c++', ['--version']).split('\n')[0] ?? '';
const scenarios = run(binary, ['--list']).trim().split('\n');

/** @type {Record<string, number>} */
const found = {};
let failed = 0;
for (const [i, scenario] of scenarios.entries()) {
  const now = count(binary, scenario);
  found[scenario] = now;
  const before = expected.instructionsPerPacket[scenario];
  const change = before === undefined ? Infinity : now / before - 1;
  // Another compiler writes other instructions: they are shown, and say nothing.
  const isWorse = compiler === expected.compiler && change > tolerance;
  if (isWorse) ++failed;
  console.log(
    `${isWorse ? 'not ok' : 'ok'} ${i + 1} - ${scenario}: ${now} instructions a packet, ${before ?? 'none'} written down`,
  );
}
console.log(`1..${scenarios.length}\n# pass ${scenarios.length - failed}\n# fail ${failed}`);
if (flag === '--write') {
  writeFileSync(file, JSON.stringify({ ...expected, compiler, instructionsPerPacket: found }, undefined, 2) + '\n');
} else if (compiler !== expected.compiler) {
  console.log(`# counted with ${compiler}; instructions.json is of ${expected.compiler}: nothing is compared`);
} else if (failed > 0) {
  console.log(
    `# above ${tolerance * 100} %: where that is worth it, say why in "reason" of ${file} and write it anew with --write`,
  );
  process.exitCode = 1;
}
