import type { ActionText } from '../../model/action.js';
import type { Fault } from '../../model/errors.js';

/**
 * The `metadata` of a packet has 64 bits: the low half is the plugins' and the tenant's own; in the high half bit i says that plugin i
 * is done with the packet.
 */
const ownMask = 0xffff_ffffn;

const remedy = 'use the low 32 bits; the others say which plugins are done with a packet';

/** What the plugin asks of the low half, and that the plugin is not done with the packet. */
export function metadataMatch(written: string | number | undefined, index: number, pointer: string, faults: Fault[]): string {
  const done = 1n << BigInt(32 + index);
  if (written === undefined) return `0/${hex(done)}`;
  const [value, mask = ownMask] = maskedOf(written);
  // What is no number is found out where flows are parsed.
  if (value === undefined) return String(written);
  if (value > ownMask || mask > ownMask) faults.push({ pointer, value: written, message: 'metadata has 32 bits here', remedy });
  return `${hex(value)}/${hex(mask | done)}`;
}

/** An action may write the low half only. */
export function metadataAction(action: ActionText, pointer: string, faults: Fault[]): void {
  const written = writtenBy(action);
  if (!written) return;
  const [value = 0n, mask] = maskedOf(written.value ?? 0);
  const bits = written.mask === undefined ? mask : maskedOf(written.mask)[0];
  if (value <= ownMask && bits !== undefined && bits <= ownMask) return;
  faults.push({
    pointer,
    value: action,
    message: "writes more of metadata than is the plugin's",
    remedy: `${remedy}, with a mask: 5/0xff`,
  });
}

/** The same actions, that set these bits of the high half too; one list writes metadata once. */
export function withMetadata(actions: readonly ActionText[], bits: bigint): readonly ActionText[] {
  if (bits === 0n) return actions;
  const own = actions.find(({ type }) => type === 'write_metadata');
  const written = own && writtenBy(own);
  const [value, inText] = written ? maskedOf(written.value ?? 0) : [0n, 0n];
  const mask = written?.mask === undefined ? inText : maskedOf(written.mask)[0];
  if (value === undefined || mask === undefined) return actions; // refused, by metadataAction or where flows are parsed
  const both: ActionText = { type: 'write_metadata', value: hex(value | bits), mask: hex(mask | bits) };
  return own ? actions.map((action) => (action === own ? both : action)) : [...actions.slice(0, -1), both, ...actions.slice(-1)];
}

function writtenBy(
  action: ActionText,
): { readonly value: string | number | undefined; readonly mask: string | number | undefined } | undefined {
  if (action.type === 'set_field' && action.field === 'metadata') return { value: action.value, mask: undefined };
  if (action.type !== 'write_metadata') return undefined;
  return { value: action.value ?? action.metadata, mask: action.mask ?? action.metadata_mask };
}

/** `value/mask`; what is no number is undefined. */
function maskedOf(written: string | number): readonly [value: bigint | undefined, mask?: bigint | undefined] {
  const [value = '', mask] = String(written).split('/');
  return mask === undefined ? [numberOf(value)] : [numberOf(value), numberOf(mask)];
}

const numberOf = (text: string): bigint | undefined => (/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text) ? BigInt(text) : undefined);

const hex = (value: bigint): string => `0x${value.toString(16)}`;
