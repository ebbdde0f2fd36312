import { connect } from 'node:net';

/** Viewers of one server in a process of their own: tells when all are there, and when the last heard a broadcast. */
const [port, count] = process.argv.slice(2).map(Number) as [number, number];
/** Beyond this many at once the server's queue of new connections overflows. */
const AT_ONCE = 200;

let connected = 0;
let awaited = 0;
let heard = 0;

function open(): void {
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'));
  socket.once('data', () => {
    connected += 1;
    if (connected === count) process.send?.('there');
    else if (connected % AT_ONCE === 0) openSome();
    socket.on('data', (bytes) => {
      if (!bytes.includes(`"number":${awaited},`)) return;
      heard += 1;
      if (heard === count) process.send?.(String(process.hrtime.bigint()));
    });
  });
}

function openSome(): void {
  for (let opened = 0; opened < Math.min(AT_ONCE, count - connected); opened += 1) open();
}

process.on('message', (number: number) => {
  awaited = number;
  heard = 0;
  process.send?.('ready');
});
process.on('disconnect', () => process.exit(0));
openSome();
