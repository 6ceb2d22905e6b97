/** What a suite came to. Names of what is unsupported or known are counted; each wrong case is told. */
export class Tally {
  passed = 0;
  readonly wrong: string[] = [];
  readonly unsupported = new Map<string, number>();
  /** Cases in which the judge departs from the standard, by the reason. */
  readonly known = new Map<string, number>();

  check(right: boolean, tell: () => string): void {
    if (right) ++this.passed;
    else this.wrong.push(tell());
  }

  skip(what: string): void {
    this.unsupported.set(what, (this.unsupported.get(what) ?? 0) + 1);
  }

  add({ passed, wrong, unsupported, known }: Tally): void {
    this.passed += passed;
    this.wrong.push(...wrong);
    for (const [sum, counts] of [[this.unsupported, unsupported] as const, [this.known, known] as const])
      for (const [what, count] of counts) sum.set(what, (sum.get(what) ?? 0) + count);
  }

  depart(reason: string): void {
    this.known.set(reason, (this.known.get(reason) ?? 0) + 1);
  }
}
