import { root } from '../../support/source-tree.js';
import { bearsMark, formatFrame, markPrefix, parseFrame, type Frame } from './frame.js';
import type { Guest } from './guest.js';
import type { GuestProgram } from './guest-program.js';

/** Sends and receives raw frames on the interface of a machine in the guest. */
export class Station {
  readonly #program: GuestProgram;

  private constructor(program: GuestProgram) {
    this.#program = program;
  }

  static async start(guest: Guest, namespace: string): Promise<Station> {
    const script = `${root}/test/sriov/guest/frames.py`;
    const program = guest.start('ip', 'netns', 'exec', namespace, '/usr/bin/python3', script, 'eth0', markPrefix);
    await program.until('it is ready', (out) => out.startsWith('ready\n'));
    return new Station(program);
  }

  /** Resolves when the kernel has given them to the NIC. */
  async send(frame: Frame, count = 1): Promise<void> {
    const before = this.#times();
    this.#program.write(`${count} ${formatFrame(frame).toString('hex')}\n`);
    await this.#program.until('the frames are sent', () => this.#times() > before);
  }

  /** Frames with the mark that came. */
  got(mark: string): Frame[] {
    return [...this.#program.out.matchAll(/^got (\w+)\n/gm)]
      .map(([, hex = '']) => parseFrame(Buffer.from(hex, 'hex')))
      .filter((frame) => bearsMark(frame, mark));
  }

  /** Waits for so many of them. @throws Error when time is out */
  async until(mark: string, count: number): Promise<Frame[]> {
    await this.#program.until(`${count} frames ${mark}`, () => this.got(mark).length >= count);
    return this.got(mark);
  }

  #times(): number {
    return this.#program.out.match(/^sent /gm)?.length ?? 0;
  }
}
