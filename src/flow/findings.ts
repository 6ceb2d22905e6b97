import { VswitchError, type ErrorCode, type Fault } from '../model/errors.js';

/** The graver first: it gives the error its code. */
const codes = [
  'FLOW_INVALID',
  'GROUP_INVALID',
  'METER_INVALID',
  'FLOW_ISOLATION',
  'FLOW_OVERLAP',
  'FLOW_NOT_FOUND',
  'GROUP_NOT_FOUND',
  'METER_NOT_FOUND',
  'LIMIT_EXCEEDED',
] as const satisfies readonly ErrorCode[];
export type FindingCode = (typeof codes)[number];

/** Everything that is wrong with a request. */
export class Findings {
  readonly #faults = new Map<string, { readonly code: FindingCode; readonly fault: Fault }>();

  /** What is wrong in one place in the same way twice is told once. */
  add(code: FindingCode, faults: readonly Fault[]): void {
    for (const fault of faults) {
      const key = `${fault.pointer} ${fault.message}`;
      if (!this.#faults.has(key)) this.#faults.set(key, { code, fault });
    }
  }

  /** Collects what `find` adds to its argument. */
  collect<T>(code: FindingCode, find: (faults: Fault[]) => T): T {
    const faults: Fault[] = [];
    const found = find(faults);
    this.add(code, faults);
    return found;
  }

  /** @throws VswitchError where there is a fault, with all of them. */
  throwAny(): void {
    const found = [...this.#faults.values()];
    const code = codes.find((one) => found.some((finding) => finding.code === one));
    if (!code) return;
    const faults = found.map(({ fault }) => fault);
    const message = faults.length === 1 ? (faults[0]?.message ?? '') : `${faults.length} faults in the flows`;
    throw new VswitchError(code, message, faults);
  }
}
