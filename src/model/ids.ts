/** Branded identifiers: a port's name cannot be handed in where a tenant's is meant. */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type PortName = Brand<string, 'PortName'>;
export type TenantName = Brand<string, 'TenantName'>;
/** OpenFlow port number, 1 to 254; given to ports in the order of the config. */
export type PortNumber = Brand<number, 'PortNumber'>;
/** Identifies an installed flow for its life; never used twice by one process. */
export type FlowId = Brand<number, 'FlowId'>;
/** Counts applied transactions; an ETag of the flow API. */
export type Generation = Brand<bigint, 'Generation'>;

export const portName = (text: string): PortName => text as PortName;
export const tenantName = (text: string): TenantName => text as TenantName;
export const portNumber = (value: number): PortNumber => value as PortNumber;
export const flowId = (value: number): FlowId => value as FlowId;
export const generation = (value: bigint): Generation => value as Generation;

/** Who owns a flow: the operator, or a tenant by name, or a plugin of a tenant, which may do what the tenant may. */
export type Owner =
  { readonly kind: 'operator' } | { readonly kind: 'tenant'; readonly tenant: TenantName; readonly plugin?: string };

export const operator: Owner = { kind: 'operator' };
export const tenantOwner = (tenant: TenantName): Owner => ({ kind: 'tenant', tenant });
export const pluginOwner = (tenant: TenantName, plugin: string): Owner => ({ kind: 'tenant', tenant, plugin });
/** For people: `operator`, `red`, or `red/firewall` of a plugin. */
export const ownerName = (owner: Owner): string => {
  if (owner.kind === 'operator') return 'operator';
  return owner.plugin === undefined ? owner.tenant : `${owner.tenant}/${owner.plugin}`;
};
/** A key for maps; `operator` cannot clash since tenants are prefixed, and no name has a slash. */
export const ownerKey = (owner: Owner): string => (owner.kind === 'operator' ? 'operator' : `tenant:${ownerName(owner)}`);
