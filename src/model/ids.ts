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

/** Who owns a flow: the operator, or a tenant by name. */
export type Owner = { readonly kind: 'operator' } | { readonly kind: 'tenant'; readonly tenant: TenantName };

export const operator: Owner = { kind: 'operator' };
export const tenantOwner = (tenant: TenantName): Owner => ({ kind: 'tenant', tenant });
/** A key for maps; `operator` cannot clash since tenants are prefixed. */
export const ownerKey = (owner: Owner): string => (owner.kind === 'operator' ? 'operator' : `tenant:${owner.tenant}`);
