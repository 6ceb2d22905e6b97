import { closeSync, openSync, readSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, startService, succeeds, until, type Service } from '../../bench/support/process.js';
import type { Scope } from '../../bench/support/scope.js';
import { fillerFrame } from '../support/ct-cases/frames.js';
import type { PortFrame } from '../support/ct-cases/arena.js';

const schema = '/usr/share/openvswitch/vswitch.ovsschema';
const ports = [1, 2, 3, 4] as const;
/** Where the frame comes out that is sent behind each packet: then all is out that the packet became. */
const markerPort = 5;
const patienceMs = 10_000;

/**
 * An Open vSwitch whose userspace datapath has ports of no device (lib/netdev-dummy.c): packets go in by its control socket, and come
 * out as files. It has neither threads for packets nor anything of the system's.
 */
export class OpenVSwitch {
  readonly #directory: string;
  readonly #control: Control;
  readonly #outputs: ReadonlyMap<number, Captured>;

  private constructor(directory: string, control: Control) {
    this.#directory = directory;
    this.#control = control;
    this.#outputs = new Map([...ports, markerPort].map((port) => [port, new Captured(join(directory, `p${port}.pcap`))]));
  }

  /** Ends with its scope. @param checksWindow whether its connection tracking does. */
  static async start(scope: Scope, checksWindow: boolean): Promise<OpenVSwitch> {
    const directory = await mkdtemp(join(tmpdir(), 'ovs-ct-'));
    scope.defer(() => rm(directory, { recursive: true }));
    const at = (name: string): string => join(directory, name);
    const env = { OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory, OVS_SYSCONFDIR: directory };
    const vsctl = (...args: string[]) => run('ovs-vsctl', [`--db=unix:${at('db.sock')}`, ...args]);
    await run('ovsdb-tool', ['create', at('conf.db'), schema]);
    const database = startService(
      'ovsdb-server',
      [at('conf.db'), `--remote=punix:${at('db.sock')}`, `--unixctl=${at('db.ctl')}`, `--pidfile=${at('db.pid')}`, '--no-chdir'],
      { scope, env },
    );
    await until('ovsdb-server', database, () => succeeds(vsctl('--no-wait', 'init')));
    const daemon = startService(
      'ovs-vswitchd',
      [
        `unix:${at('db.sock')}`,
        `--unixctl=${at('switch.ctl')}`,
        `--pidfile=${at('switch.pid')}`,
        ...['--enable-dummy', '--disable-system', '--no-chdir', '-vconsole:warn'],
      ],
      { scope, env },
    );
    const made = vsctl(
      ...['--timeout=30', 'add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath-type=dummy', 'fail-mode=secure'],
      ...[...ports, markerPort].flatMap((port) => [
        ...['--', 'add-port', 'br0', `p${port}`, '--', 'set', 'Interface', `p${port}`, 'type=dummy', `ofport_request=${port}`],
        `options:tx_pcap=${at(`p${port}.pcap`)}`,
      ]),
    );
    await until('ovs-vswitchd', daemon, () => succeeds(made));
    const control = await Control.open(at('switch.ctl'), daemon);
    scope.defer(() => control.close());
    if (!checksWindow) await control.ask('dpctl/ct-disable-tcp-seq-chk');
    return new OpenVSwitch(directory, control);
  }

  /** Other flows, and no connections. @param lines as ovs-ofctl(8) takes them. */
  async begin(lines: readonly string[]): Promise<void> {
    const file = join(this.#directory, 'flows');
    await writeFile(file, [...lines, `priority=65535,dl_type=0x88b5,actions=output:${markerPort}`].join('\n') + '\n');
    await run('ovs-ofctl', ['-O', 'OpenFlow15', 'replace-flows', `unix:${this.#directory}/br0.mgmt`, file]);
    await this.#control.ask('revalidator/purge');
    await this.#control.ask('dpctl/flush-conntrack');
  }

  /** What comes out of its ports, of each packet. */
  async send(packets: readonly PortFrame[]): Promise<PortFrame[][]> {
    const outs: PortFrame[][] = [];
    for (const { port, frame } of packets) {
      await this.#control.ask('netdev-dummy/receive', `p${port}`, hexOf(frame));
      await this.#control.ask('netdev-dummy/receive', `p${port}`, hexOf(fillerFrame));
      const deadline = performance.now() + patienceMs;
      while (this.#outputs.get(markerPort)!.read().length === 0) {
        if (performance.now() > deadline) throw new Error(`Open vSwitch did not handle a packet in ${patienceMs / 1000} s`);
        await this.#control.ask('version');
      }
      outs.push(
        ports.flatMap((out) =>
          this.#outputs
            .get(out)!
            .read()
            .map((bytes) => ({ port: out, frame: bytes })),
        ),
      );
    }
    return outs;
  }
}

/** By an assertion or a signal: not every packet is one that it withstands. */
export class OpenVSwitchEnded extends Error {
  constructor(output: string) {
    super(`Open vSwitch has ended: ${output.trim().split('\n').at(-1) ?? ''}`);
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A capture file that grows. */
class Captured {
  #offset = 24;

  constructor(readonly path: string) {}

  /** The packets that are new. */
  read(): Buffer[] {
    const file = openSync(this.path, 'r');
    try {
      const header = Buffer.alloc(16);
      const packets: Buffer[] = [];
      while (readSync(file, header, 0, 16, this.#offset) === 16) {
        const packet = Buffer.alloc(header.readUInt32LE(8));
        if (readSync(file, packet, 0, packet.length, this.#offset + 16) < packet.length) break;
        packets.push(packet);
        this.#offset += 16 + packet.length;
      }
      return packets;
    } finally {
      closeSync(file);
    }
  }
}

interface Reply {
  readonly result: string | null;
  readonly error: string | null;
}

/** The control socket of a daemon (ovs-appctl(8)): JSON-RPC, one question at a time. */
class Control {
  readonly #socket: Socket;
  #received = '';
  #wake: () => void = () => undefined;

  private constructor(
    socket: Socket,
    private readonly daemon: Service,
  ) {
    this.#socket = socket.setEncoding('utf8').on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    socket.on('close', () => this.#wake());
  }

  static open(path: string, daemon: Service): Promise<Control> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Control(socket, daemon)));
      socket.once('error', reject);
    });
  }

  async ask(method: string, ...params: readonly string[]): Promise<string> {
    this.#socket.write(JSON.stringify({ id: 0, method, params }));
    for (;;) {
      const reply = parsed(this.#received);
      if (reply) {
        this.#received = '';
        if (reply.error !== null) throw new Error(`${method}: ${reply.error.trim()}`);
        return reply.result ?? '';
      }
      if (this.#socket.destroyed) throw new OpenVSwitchEnded(this.daemon.output());
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** undefined where more is to come. */
function parsed(text: string): Reply | undefined {
  try {
    return JSON.parse(text) as Reply;
  } catch {
    return undefined;
  }
}
