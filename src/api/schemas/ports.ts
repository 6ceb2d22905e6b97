import { Type, type Static } from 'typebox';
import { nameSchema, portSchema } from '../../config/schema.js';
import { portTypes, type PortType } from '../../model/port.js';
import { Counter, FaultSchema, strict } from './common.js';

const RoleSchema = Type.Union([
  Type.Object({ kind: Type.Literal('uplink') }),
  Type.Object({ kind: Type.Literal('gw'), tenant: Type.String() }),
]);
const identity = {
  number: Type.Integer({ minimum: 1, description: 'OpenFlow port number' }),
  name: Type.String(),
  type: Type.Unsafe<PortType>(Type.Union(portTypes.map((type) => Type.Literal(type)))),
  role: RoleSchema,
};
const QueueSchema = Type.Object({ rxPackets: Counter, rxBytes: Counter, txPackets: Counter, txBytes: Counter });
const OpenPortSchema = Type.Object({
  state: Type.Literal('open'),
  ...identity,
  driver: Type.String({ description: "DPDK's driver name" }),
  mac: Type.String(),
  mtu: Type.Integer({ description: 'bytes of the largest layer-3 packet' }),
  rxQueues: Type.Integer(),
  txQueues: Type.Integer(),
  offloads: Type.Object({ rx: Type.Array(Type.String()), tx: Type.Array(Type.String()) }),
  link: Type.Object({ up: Type.Boolean(), speedMbps: Type.Integer(), fullDuplex: Type.Boolean() }),
  device: Type.Object(
    {
      rxMissed: Counter,
      rxErrors: Counter,
      rxNoMbuf: Counter,
      txErrors: Counter,
      queues: Type.Array(QueueSchema),
    },
    { description: 'what the device itself counts' },
  ),
});
const FailedPortSchema = Type.Object({
  state: Type.Literal('failed'),
  ...identity,
  error: Type.Object({ code: Type.String(), detail: Type.String(), faults: Type.Array(FaultSchema) }),
});
export const PortViewSchema = Type.Union([OpenPortSchema, FailedPortSchema]);
export const PortListSchema = Type.Object({ ports: Type.Array(PortViewSchema) });
export const NewPortSchema = Type.Object({ name: nameSchema, config: portSchema }, strict);

export type PortView = Static<typeof PortViewSchema>;
export type PortListView = Static<typeof PortListSchema>;
