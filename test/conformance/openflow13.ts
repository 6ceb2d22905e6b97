import { settableFields, type ActionText } from '../../src/model/action.js';
import type { FlowText } from '../../src/model/flow.js';
import { isFieldName } from '../../src/model/match.js';

/** A case of Ryu's OpenFlow 1.3 switch suite: flows, one packet, and what a switch is to do with it. */
export interface OpenFlowCase {
  readonly id: string;
  readonly of13: readonly { readonly OFPFlowMod: FlowMod }[];
  readonly in_port: number;
  readonly steps: readonly {
    readonly ingress: string;
    readonly expect:
      | { readonly kind: 'egress'; readonly port: number; readonly bytes: string }
      | { readonly kind: 'packet_in'; readonly bytes: string }
      | { readonly kind: 'table_miss'; readonly tables: readonly number[] };
    readonly ovs31: { readonly agrees?: boolean; readonly note?: string; readonly out?: readonly (readonly [number, string])[] };
  }[];
}

interface FlowMod {
  readonly table_id: number;
  readonly match?: { readonly OFPMatch: { readonly oxm_fields: readonly { readonly OXMTlv: Tlv }[] } };
  readonly instructions: readonly Tagged[];
}

interface Tlv {
  readonly field: string;
  readonly value: number | string;
  readonly mask?: number | string | null;
}

/** `{"OFPActionOutput": {...}}` and the like. */
type Tagged = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** OFPP_CONTROLLER: there is none; what goes to it goes to this port. */
export const controllerPort = 4;
const controller = 0xffff_fffd;

/** What the switch does not have, by name. */
export class Unsupported extends Error {}

export function openFlowFlow({ table_id: table, match, instructions }: FlowMod): FlowText {
  const fields = (match?.OFPMatch.oxm_fields ?? []).map(({ OXMTlv: { field, value, mask } }) => {
    if (!isFieldName(field)) throw new Unsupported(field);
    return [field, mask == null ? value : `${value}/${mask}`] as const;
  });
  return { table, match: Object.fromEntries(fields), actions: instructions.flatMap(instruction) };
}

function instruction(tagged: Tagged): readonly ActionText[] {
  const [name, body] = only(tagged);
  switch (name) {
    case 'OFPInstructionGotoTable':
      return [{ type: 'goto_table', table: Number(body.table_id) }];
    case 'OFPInstructionWriteMetadata':
      return [{ type: 'write_metadata', value: Number(body.metadata), mask: Number(body.metadata_mask) }];
    case 'OFPInstructionActions': {
      const actions = (body.actions as readonly Tagged[]).map(actionOf);
      // OFPIT_WRITE_ACTIONS is 3, OFPIT_APPLY_ACTIONS 4.
      return body.type === 3 ? [{ type: 'write_actions', actions }] : actions;
    }
    default:
      throw new Unsupported(name);
  }
}

function actionOf(tagged: Tagged): ActionText {
  const [name, body] = only(tagged);
  switch (name) {
    case 'OFPActionOutput':
      return { type: 'output', port: body.port === controller ? controllerPort : Number(body.port) };
    case 'OFPActionPushVlan':
      return { type: 'push_vlan', ethertype: Number(body.ethertype) };
    case 'OFPActionPopVlan':
      return { type: 'pop_vlan' };
    case 'OFPActionDecNwTtl':
      return { type: 'dec_ttl' };
    case 'OFPActionSetNwTtl':
      return { type: 'set_field', field: 'ip_ttl', value: Number(body.nw_ttl) };
    case 'OFPActionSetField': {
      const { field, value } = (body.field as { OXMTlv: Tlv }).OXMTlv;
      const settable = settableFields.find((candidate) => candidate === field);
      if (!settable) throw new Unsupported(field);
      return { type: 'set_field', field: settable, value };
    }
    default:
      throw new Unsupported(name);
  }
}

function only(tagged: Tagged): [string, Readonly<Record<string, unknown>>] {
  const [entry] = Object.entries(tagged);
  if (!entry) throw new Unsupported('nothing');
  return entry;
}
