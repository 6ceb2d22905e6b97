import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { bearsMark, formatFrame, markPrefix, outerVlan, parseFrame, tagged, untagged, type Frame } from './frame.js';
import type { UdpLink } from './qemu.js';
import { until } from './until.js';

/** IPv4 packets that passed, in the two directions; ARP comes whenever a kernel likes. */
interface Counts {
  fromNic: number;
  toNic: number;
}

/**
 * The NIC's wire, and the next switch on it: frames of the uplinks' VLAN go between the NIC and the host outside, which has them
 * untagged; frames of other VLANs end here, as such a switch has to see to. The tests see every frame, and send their own.
 */
export class Wire {
  readonly nic: UdpLink;
  readonly outside: UdpLink;
  readonly passed: Counts = { fromNic: 0, toNic: 0 };
  readonly #nic: Socket;
  readonly #outside: Socket;
  readonly #marked: Frame[] = [];
  readonly #sources = new Set<string>();

  private constructor(nic: Socket, outside: Socket, guestPorts: { nic: number; outside: number }, vlan: number) {
    this.#nic = nic;
    this.#outside = outside;
    this.nic = { guest: guestPorts.nic, test: nic.address().port };
    this.outside = { guest: guestPorts.outside, test: outside.address().port };
    nic.on('message', (bytes) => {
      if (bytes.includes(markPrefix)) this.#marked.push(parseFrame(bytes));
      const outer = outerVlan(bytes);
      this.#sources.add(`${outer ?? 'untagged'} ${parseFrame(bytes).src}`);
      if (outer !== vlan) return;
      if (isIpv4(bytes)) this.passed.fromNic++;
      outside.send(untagged(bytes), this.outside.guest, host);
    });
    outside.on('message', (bytes) => {
      if (isIpv4(bytes)) this.passed.toNic++;
      nic.send(tagged(bytes, vlan), this.nic.guest, host);
    });
  }

  /** @param vlan the uplinks' */
  static async open(vlan: number): Promise<Wire> {
    const [nic, outside, ...free] = await Promise.all([udpSocket(), udpSocket(), udpSocket(), udpSocket()]);
    const [nicPort, outsidePort] = free.map((socket) => socket.address().port) as [number, number];
    // QEMU takes these two.
    for (const socket of free) socket.close();
    return new Wire(nic, outside, { nic: nicPort, outside: outsidePort }, vlan);
  }

  /** Source addresses of all that came out of the NIC in a VLAN. */
  sourcesIn(vlan: number): string[] {
    return [...this.#sources].filter((entry) => entry.startsWith(`${vlan} `)).map((entry) => entry.slice(`${vlan} `.length));
  }

  /** Frames with the mark that came out of the NIC. */
  seen(mark: string): Frame[] {
    return this.#marked.filter((frame) => bearsMark(frame, mark));
  }

  /** Waits for so many of them. @throws Error when time is out */
  async until(mark: string, count: number): Promise<Frame[]> {
    await until(`${count} frames ${mark} came out of the NIC`, () => this.seen(mark).length >= count);
    return this.seen(mark);
  }

  /** Sends a frame into the NIC. */
  inject(frame: Frame, count = 1): void {
    for (let i = 0; i < count; i++) this.#nic.send(formatFrame(frame), this.nic.guest, host);
  }

  close(): void {
    this.#nic.close();
    this.#outside.close();
  }
}

const host = '127.0.0.1';

const isIpv4 = (bytes: Buffer): boolean => parseFrame(bytes).etherType === 0x0800;

async function udpSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}
