import test from 'ava';
import { checkConfig } from '../../../src/config/check.js';
import { twoTenants } from '../../support/running-switch.js';

const faultsOf = (accounting: unknown) =>
  checkConfig({ ...twoTenants, accounting }).map(({ pointer, message }) => [pointer, message]);
const url = 'http://openmeter:8888/api/v1/events';

test('an export with all that it can have is right', (t) => {
  t.deepEqual(faultsOf({ export: { url, token: 'secret', intervalS: 5, batch: 100 } }), []);
});

test('an export needs a ledger, and an address', (t) => {
  t.deepEqual(faultsOf({ ledger: false, export: { url } }), [['/accounting/export', 'there is no ledger to export']]);
  t.deepEqual(faultsOf({ export: { url: 'https://[' } }), [['/accounting/export/url', 'is no URL']]);
  t.deepEqual(faultsOf({ export: { url: 'openmeter:8888' } }), [['/accounting/export/url', 'does not have the right form']]);
  t.deepEqual(faultsOf({ export: {} }), [['/accounting/export/url', 'is missing']]);
});
