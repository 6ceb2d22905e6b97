/** How a program ended: its exit code, or a signal's number, negative. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A program that runs in the guest. */
export class GuestProgram {
  readonly ended: Promise<Ended>;
  readonly #title: string;
  readonly #send: (message: object) => void;
  #out = '';
  #err = '';
  #end: (how: Ended) => void = () => undefined;
  #isOver = false;
  #watchers = new Set<() => void>();

  constructor(title: string, send: (message: object) => void) {
    this.#title = title;
    this.#send = send;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  /** Standard output so far. */
  get out(): string {
    return this.#out;
  }

  write(input: string): void {
    this.#send({ input });
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.#send({ signal });
    return this.ended;
  }

  /** Resolves once the condition is true of its standard output. @throws Error where it ends before, or time is out */
  until(what: string, condition: (out: string) => boolean, limitMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = (error?: Error): void => {
        this.#watchers.delete(look);
        clearTimeout(limit);
        if (error) reject(error);
        else resolve();
      };
      const fault = (how: string): Error =>
        new Error(`${how} before ${what}: ${this.#title}\n${(this.#out + this.#err).slice(-2000)}`);
      const look = (): void => {
        if (condition(this.#out)) over();
        else if (this.#isOver) over(fault('it ended'));
      };
      const limit = setTimeout(() => over(fault(`${limitMs / 1000} s were over`)), limitMs);
      this.#watchers.add(look);
      look();
    });
  }

  said(text: string): void {
    this.#out += text;
    this.#look();
  }

  complained(text: string): void {
    this.#err += text;
  }

  end(code: number): void {
    this.#isOver = true;
    this.#end({ code, out: this.#out, err: this.#err });
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#watchers]) look();
  }
}
