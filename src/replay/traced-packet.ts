import { parseMatch } from '../flow/syntax/match-text.js';
import { parseOfctl, type OfctlFlow } from '../flow/syntax/ofctl.js';
import { findPort } from '../flow/syntax/value.js';
import type { Topology } from '../flow/topology.js';
import { VswitchError, type Fault } from '../model/errors.js';
import { portNumber } from '../model/ids.js';
import type { ProbePacket } from '../switch/types.js';
import { composeFaults, composePacket } from './compose.js';
import { longestPacket } from './input.js';

/** A packet to trace: as it is, with the port at which it comes in, or as a list of its fields. */
export interface TraceRequest {
  readonly in_port?: string | number;
  /** In hex. */
  readonly packet?: string;
  /** In the words of ovs-appctl ofproto/trace: `in_port=p1,tcp,nw_src=10.0.0.1,tp_dst=80`. */
  readonly fields?: string;
}

/** @throws VswitchError REQUEST_INVALID with pointers into the request. */
export function packetOf({ in_port: port, packet, fields }: TraceRequest, topology: Topology): ProbePacket {
  const faults: Fault[] = [];
  if (fields === undefined) {
    const inPort = inPortOf(port, topology, faults);
    const bytes = bytesOf(packet, faults);
    refuse(faults);
    return { inPort: portNumber(inPort ?? 0), bytes };
  }
  const remedy = 'give either in_port and packet, or fields alone';
  if (port !== undefined) faults.push({ pointer: '/in_port', value: port, message: 'is given beside fields', remedy });
  if (packet !== undefined) faults.push({ pointer: '/packet', message: 'is given beside fields', remedy });
  refuse(faults);
  return packetOfFields(fields, topology);
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', 'the packet has faults', faults);
}

function inPortOf(written: string | number | undefined, topology: Topology, faults: Fault[]): number | undefined {
  const pointer = '/in_port';
  if (written === undefined) {
    faults.push({ pointer, message: 'is missing', remedy: 'give the name or number of a port, or fields with in_port=PORT' });
    return undefined;
  }
  const port = findPort(written, topology);
  if (!port.ok) faults.push({ pointer, value: written, ...port.fault });
  else if (!isOpen(port.value, topology)) faults.push({ pointer, value: written, ...notOpen });
  return port.ok ? port.value : undefined;
}

const isOpen = (number: number, { portByNumber }: Topology): boolean => portByNumber.get(number)?.open === true;

const notOpen = { message: 'the port is not open', remedy: 'GET /v1/ports says why; give one whose state is open' };

function bytesOf(hex: string | undefined, faults: Fault[]): Uint8Array {
  const fault = (message: string, remedy: string, value?: string): void =>
    void faults.push({ pointer: '/packet', ...(value === undefined ? {} : { value }), message, remedy });
  if (hex === undefined) fault('is missing', 'give the bytes of the packet in hex, or fields');
  else {
    const stranger = hex.search(/[^0-9a-f]/i);
    if (stranger >= 0) fault(`has no hex digit at character ${stranger + 1}`, 'give two hex digits a byte', hex[stranger]);
    else if (hex.length % 2 === 1) fault(`has ${hex.length} hex digits, which is half a byte`, 'give two hex digits a byte');
    else if (hex.length > 2 * longestPacket)
      fault(`has ${hex.length / 2} bytes`, `a packet has at most ${longestPacket} bytes, as a port takes them`);
  }
  return Buffer.from(hex ?? '', 'hex');
}

/**
 * A packet from a list of fields in the words of ovs-appctl ofproto/trace.
 * @throws VswitchError REQUEST_INVALID with a fault for each word, all of which point to `/fields`.
 */
export function packetOfFields(fields: string, topology: Topology): ProbePacket {
  return underFields(() => {
    const { match: text = {}, ...ofFlow } = parseFields(fields);
    const faults = Object.keys(ofFlow).map((word): Fault => ({
      pointer: `/${word}`,
      message: 'is of a flow, not of a packet',
      remedy: 'leave it out',
    }));
    const match = parseMatch(text, topology, '', faults);
    const inPort = match.get('in_port')?.value;
    if (inPort === undefined && text.in_port === undefined)
      faults.push({ pointer: '/in_port', message: 'the packet comes in at no port', remedy: 'add in_port=PORT' });
    if (inPort !== undefined && !isOpen(Number(inPort), topology))
      faults.push({ pointer: '/in_port', value: text.in_port, ...notOpen });
    faults.push(...composeFaults(match));
    refuse(faults);
    return { inPort: portNumber(Number(inPort)), bytes: composePacket(match) };
  });
}

/** @throws VswitchError FLOW_INVALID for words that are none. */
function parseFields(fields: string): Omit<OfctlFlow, 'actions'> {
  const column = /(?<=^|[\s,])actions?=/.exec(fields)?.index;
  if (column !== undefined)
    refuse([{ pointer: `/column ${column + 1}`, message: 'a packet has no actions', remedy: 'give its fields only' }]);
  return withoutActions(parseOfctl(`${fields},actions=drop`));
}

const withoutActions = ({ actions: _, ...flow }: OfctlFlow): Omit<OfctlFlow, 'actions'> => flow;

/** A list of fields is one text: where in it a fault is stands in its message. */
function underFields<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof VswitchError)) throw error;
    const faults = error.faults.map(({ pointer, message, ...fault }) => ({
      ...fault,
      pointer: '/fields',
      message: `${pointer.slice(1)}: ${message}`,
    }));
    throw new VswitchError('REQUEST_INVALID', 'the fields of the packet have faults', faults, { cause: error });
  }
}
