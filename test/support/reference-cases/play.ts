import type { PortNumber } from '../../../src/model/ids.js';
import { outcomesOf, type Alternative } from '../reference/outcomes.js';
import { resultOf } from '../reference/data-plane.js';
import type { Program } from '../reference/state.js';
import type { Case } from './cases.js';
import { fateOf, sameFate, type Fate } from './compare.js';
import type { Duel } from './duel.js';
import { departures, forgiven, knownDifference } from './known.js';
import { SelectMemory } from './select-memory.js';
import { transactionOf, type Transaction } from './transactions.js';
import { trialsOf, type Trial } from './trials.js';

/** What one packet, or one transaction, shows. */
export interface Difference {
  readonly what: string;
  readonly transactions: readonly Transaction[];
  readonly packet?: { readonly in_port: string; readonly packet: string };
  readonly native?: Fate;
  readonly reference?: Fate;
}

/** More alternatives than this are not tried. */
const mostAlternatives = 256;

/** Where the switches differ in a case, if they do. @param note hears of each known difference. */
export async function play(
  duel: Duel,
  { flows, steps, packets }: Case,
  note: (known: string) => void,
): Promise<Difference | undefined> {
  const trials = trialsOf(packets, flows);
  const transactions: Transaction[] = [];
  await duel.clear();
  for (const step of steps) {
    const transaction = transactionOf(step, flows, duel.present());
    transactions.push(transaction);
    const { native, reference, message, known } = await duel.apply(transaction);
    if (known !== undefined) note(known);
    if (native !== reference) return { what: `native ${native}, reference ${reference}: ${message}`, transactions };
    const difference = await tryPackets(duel, trials, note);
    if (difference) return { ...difference, transactions };
  }
  return undefined;
}

async function tryPackets(
  duel: Duel,
  trials: readonly Trial[],
  note: (known: string) => void,
): Promise<Omit<Difference, 'transactions'> | undefined> {
  const memory = new SelectMemory();
  const results = await duel.probe(trials.map(({ port, bytes }) => ({ inPort: duel.port(port), bytes })));
  for (const [i, { port: name, bytes }] of trials.entries()) {
    const native = fateOf(results[i]!, (rule) => duel.ruleName('native', rule));
    const { agreeing, known, first } = judge(duel, duel.port(name), bytes, native);
    const contradiction = memory.contradiction(agreeing);
    if (known !== undefined) note(known);
    if (contradiction === undefined && (agreeing.length > 0 || known !== undefined)) continue;
    const packet = { in_port: name, packet: Buffer.from(bytes).toString('hex') };
    return { what: contradiction ?? 'the packet fares differently', packet, native, reference: first };
  }
  return undefined;
}

interface Judgement {
  /** The alternatives that are what the native switch did. */
  readonly agreeing: readonly Alternative[];
  /** Why there are none, where that is known. */
  readonly known: string | undefined;
  readonly first: Fate;
}

function judge(duel: Duel, port: PortNumber, bytes: Uint8Array, native: Fate): Judgement {
  const program = duel.program(port);
  const strict = endingsOf(duel, program, port, bytes);
  const agreeing = strict.filter(({ fate }) => sameFate(fate, native)).map(({ alternative }) => alternative);
  const first = strict[0]!.fate;
  if (agreeing.length > 0) return { agreeing, known: undefined, first };
  const limited = strict.map(({ fate, size }) => knownDifference(native, fate, size)).find((reason) => reason !== undefined);
  if (limited !== undefined) return { agreeing, known: limited, first };
  const departure = departures.find(({ departs, forgives }) => {
    const told = forgiven(native, forgives);
    return endingsOf(duel, { ...program, departs: new Set(departs) }, port, bytes).some(({ fate, size }) => {
      const forgave = forgiven(fate, forgives);
      return sameFate(forgave, told) || knownDifference(told, forgave, size) !== undefined;
    });
  });
  return { agreeing, known: departure?.reason, first };
}

interface Ending {
  readonly alternative: Alternative;
  readonly fate: Fate;
  readonly size: { readonly bytes: number; readonly grown: number };
}

const endingsOf = (duel: Duel, program: Program, port: PortNumber, bytes: Uint8Array): Ending[] =>
  outcomesOf(program, port, bytes, mostAlternatives).map((alternative) => ({
    alternative,
    fate: fateOf(resultOf(0, alternative.outcome), (rule) => duel.ruleName('reference', rule)),
    size: { bytes: bytes.length, grown: alternative.outcome.grown },
  }));
