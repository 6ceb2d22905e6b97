import { outcomeOf, start, type Outcome } from '../../../src/lab/command.js';
import { inside, type LabHost } from '../../../src/lab/plan.js';

const echo = `
const socket = require('dgram').createSocket('udp4');
socket.on('message', (text, { address, port }) => socket.send(address + ':' + port + ' ' + text, port, address));
socket.bind(Number(process.argv[1]));`;

/** Some datagrams each millisecond, of 18 to 1,400 bytes, that nobody answers. */
const stream = `
const [to, port] = process.argv.slice(1);
const socket = require('dgram').createSocket('udp4');
socket.on('error', () => undefined);
let length = 18;
setInterval(() => {
  for (let i = 0; i < 4; i++) {
    length = 18 + ((length * 7 + 5) % 1383);
    socket.send(Buffer.alloc(length), Number(port), to, () => undefined);
  }
}, 1);`;

/** Says each message that comes within a time, and the error that the kernel heard of. */
const talk = `
const [to, port, from, ms] = process.argv.slice(1);
const socket = require('dgram').createSocket('udp4');
const connected = process.argv[5] === 'connected';
socket.on('message', (text) => console.log(String(text)));
socket.on('error', ({ code }) => { console.log(code); process.exit(); });
socket.bind(Number(from), () => {
  if (!connected) return socket.send('hello', Number(port), to);
  socket.connect(Number(port), to, () => socket.send('hello'));
});
setTimeout(() => process.exit(), Number(ms));`;

/** Answers each message with who it seems to come from, and the message. */
export const startUdpEcho = ({ namespace }: LabHost, port: number) =>
  start(inside(namespace, process.execPath, '-e', echo, String(port)));

/** Sends until the lab goes. */
export const startUdpStream = ({ namespace }: LabHost, to: string, port: number) =>
  start(inside(namespace, process.execPath, '-e', stream, to, String(port)));

/** Sends `hello`; the text is what came back within the time, a line each. @param connected hears of ICMP errors, and of its peer alone. */
export const sayUdp = (
  { namespace }: LabHost,
  [to, port]: readonly [string, number],
  from: number,
  { ms, connected = false }: { readonly ms: number; readonly connected?: boolean },
): Promise<Outcome> =>
  outcomeOf(
    inside(
      namespace,
      process.execPath,
      '-e',
      talk,
      to,
      String(port),
      String(from),
      String(ms),
      ...(connected ? ['connected'] : []),
    ),
  );
