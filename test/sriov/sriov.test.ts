// One guest for all: it takes long to boot. The chapters' order is that of the imports.
import './steps/nic.js';
import './steps/host.js';
import './steps/one-switch.js';
import './steps/a-switch-each.js';
import './steps/hostile-switch.js';
