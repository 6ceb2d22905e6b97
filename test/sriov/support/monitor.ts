import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** QEMU's monitor (QMP): does to the machine what a hand at its cables would. */
export class Monitor {
  readonly #socket: Socket;
  readonly #waiting: ((answer: string) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface(socket).on('line', (line) => {
      // Beside answers there are greetings and events.
      if (/^\{"(return|error)"/.test(line)) this.#waiting.shift()?.(line);
    });
  }

  static async open(path: string): Promise<Monitor> {
    const socket = connect(path);
    await once(socket, 'connect');
    const monitor = new Monitor(socket);
    await monitor.#do('qmp_capabilities');
    return monitor;
  }

  /** Plugs the cable of a network device in, or out. */
  setLink(netdev: string, up: boolean): Promise<void> {
    return this.#do('set_link', { name: netdev, up });
  }

  close(): void {
    this.#socket.destroy();
  }

  async #do(execute: string, args: object = {}): Promise<void> {
    const answer = new Promise<string>((resolve) => this.#waiting.push(resolve));
    this.#socket.write(JSON.stringify({ execute, arguments: args }));
    const text = await answer;
    if (text.startsWith('{"error"')) throw new Error(`QEMU's monitor refused ${execute}: ${text}`);
  }
}
