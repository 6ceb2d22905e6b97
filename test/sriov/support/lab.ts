import { join } from 'node:path';
import { cacheFolder } from './cache.js';
import { broadcast, marked, markedUdp } from './frame.js';
import { Guest } from './guest.js';
import { macOf, outside, uplinkVlan, vfs, vms, vswitchVfs } from './layout.js';
import { makeMachines, makeVfs, type Addresses } from './nic.js';
import { packProgram } from './program.js';
import { Station } from './station.js';
import { Wire } from './wire.js';

type Vm = keyof typeof vms;

/** A guest with the NIC, machines on its VFs, and the wire; no switch runs yet. */
export class Lab {
  readonly guest: Guest;
  readonly wire: Wire;
  readonly addresses: Addresses;
  /** On the interface of each VM. */
  readonly stations: Readonly<Record<Vm, Station>>;
  /** Runs `vswitch` in the guest. */
  readonly command: string;
  #marks = 0;

  private constructor(guest: Guest, wire: Wire, addresses: Addresses, stations: Record<Vm, Station>, command: string) {
    this.guest = guest;
    this.wire = wire;
    this.addresses = addresses;
    this.stations = stations;
    this.command = command;
  }

  static async up(): Promise<Lab> {
    const wire = await Wire.open(uplinkVlan);
    const packing = packProgram(join(cacheFolder, 'program'));
    const guest = await Guest.boot(wire.nic, wire.outside);
    try {
      const addresses = await makeVfs(guest);
      await makeMachines(guest, addresses);
      const [red1, red2, blue1] = await Promise.all(
        [vms.red1, vms.red2, vms.blue1].map(({ namespace }) => Station.start(guest, namespace)),
      );
      return new Lab(guest, wire, addresses, { red1: red1!, red2: red2!, blue1: blue1! }, await packing);
    } catch (error) {
      await guest.close();
      throw error;
    }
  }

  /** A mark that no frame has had. */
  mark(word: string): string {
    return `${word}-${++this.#marks};`;
  }

  /**
   * Frames with a mark that a VM got, once all that was sent before must have come: after them a last frame, which the NIC
   * takes from the wire into the VM's own VLAN.
   */
  async allGot(vm: Vm, mark: string): Promise<number> {
    const last = this.mark('last');
    const { vf } = vms[vm];
    this.wire.inject(marked(macOf(vf), outside.mac, last, [vfs[vf]!.vlan]));
    await this.stations[vm].until(last, 1);
    return this.stations[vm].got(mark).length;
  }

  /** Frames that came to another tenant and out to the wire, of those that a VM sends to them by its gateway's address. */
  async reachedBeyondTheGateway(): Promise<{ blue1: number; wire: number }> {
    const [mark, last] = [this.mark('beyond'), this.mark('last')];
    const { red1, blue1 } = vms;
    const link = { dst: macOf(vswitchVfs.red.gw), src: macOf(red1.vf) };
    for (const to of [blue1, outside]) await this.stations.red1.send(markedUdp(link, red1.address, to.address, mark), 5);
    // This one does come to the wire, after all that was sent before.
    await this.stations.red1.send(marked(broadcast, link.src, last));
    await this.wire.until(last, 1);
    return { blue1: await this.allGot('blue1', mark), wire: this.wire.seen(mark).length };
  }

  /** Whether of some pings, a fifth of a second apart, one was answered. */
  async pings(from: string, to: string, count = 3): Promise<boolean> {
    const { code } = await this.inside(from, 'ping', '-n', '-q', '-c', String(count), '-i', '0.2', '-W', '3', to);
    return code === 0;
  }

  inside(namespace: string, ...argv: readonly string[]): ReturnType<Guest['run']> {
    return this.guest.run('ip', 'netns', 'exec', namespace, ...argv);
  }

  async down(): Promise<void> {
    await this.guest.close();
    this.wire.close();
  }
}
