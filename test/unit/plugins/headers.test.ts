import test from 'ava';
import { headerNames } from '../../../src/model/header.js';
import { matchFields } from '../../../src/model/match.js';
import { headersOfField, parsedHeaders, undeclared } from '../../../src/plugins/sdk/headers.js';

test('every field that is in a header asks for one', (t) => {
  const without = matchFields.filter(({ name }) => headersOfField(name).length === 0).map(({ name }) => name);
  t.deepEqual(without, ['in_port', 'metadata', 'tunnel_id', 'ct_state', 'ct_zone', 'ct_mark']);
});

test('a field may be used where one of its headers is declared', (t) => {
  t.is(undeclared('ipv4_dst', ['ipv4']), undefined);
  t.is(undeclared('ip_proto', ['ipv6']), undefined);
  t.is(undeclared('metadata', []), undefined);
  t.deepEqual(undeclared('tcp_dst', ['ipv4', 'udp']), ['tcp', 'transport']);
  t.deepEqual(undeclared('eth_src', ['ether_type']), ['ethernet_addresses', 'ethernet']);
});

test('what people call protocols are headers of the parser', (t) => {
  t.deepEqual(parsedHeaders(['tcp', 'udp', 'ethernet', 'ipv4']), ['ethernet_addresses', 'ether_type', 'ipv4', 'transport']);
  t.deepEqual(parsedHeaders([...headerNames]), headerNames);
});
