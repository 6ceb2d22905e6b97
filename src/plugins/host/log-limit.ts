import type { Json } from '../sdk/context.js';
import type { LogLevel } from '../wire/messages.js';

type Fields = Readonly<Record<string, Json>>;
type Line = (level: LogLevel, message: string, fields?: Fields) => void;

const perSecond = 20;
const maxChars = 2048;

/** Lets through so many lines a second, and says how many it did not. */
export class LogLimit {
  readonly #out: Line;
  #second = 0;
  #lines = 0;
  #lost = 0;

  constructor(out: Line) {
    this.#out = out;
  }

  line(level: LogLevel, message: string, fields?: Fields): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#lines = 0;
      if (this.#lost > 0) this.#out('warn', `${this.#lost} more lines were written`);
      this.#lost = 0;
    }
    if (++this.#lines > perSecond) this.#lost++;
    else if (fields && JSON.stringify(fields).length > maxChars) this.#out(level, message.slice(0, maxChars));
    else this.#out(level, message.slice(0, maxChars), fields);
  }
}
