// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { forwardInput, forwardOutput } from '../src/transfer.js';

// In place of a port's socket: what is written into it is what the guest sends.

test('output arrives whole, is counted, and leaves the destination open', async (t) => {
	const port = new PassThrough();
	const destination = new PassThrough();
	const counts: number[] = [];
	const output = forwardOutput(
		port,
		destination,
		() => counts.push(output.bytes),
		() => {
			t.fail('nobody closed the destination');
		},
	);
	port.write('abc');
	port.end(Buffer.from([0, 255]));
	await output.ended;
	t.is(output.bytes, 5);
	t.is(counts.at(-1), 5);
	t.true(destination.writable);
	t.deepEqual(destination.read(), Buffer.from([97, 98, 99, 0, 255]));
});

test('a destination that takes no more is told, and the rest discarded', async (t) => {
	const port = new PassThrough();
	const destination = new Writable({
		write(_chunk, _encoding, done) {
			done(new Error('EPIPE'));
		},
	});
	const closed = new Promise<void>((resolve) => {
		const output = forwardOutput(port, destination, () => undefined, resolve);
		t.teardown(() => output.ended);
	});
	port.write('abc');
	await closed;
	port.end(Buffer.alloc(1 << 20));
	t.pass();
});

test('a slow destination holds the output up', async (t) => {
	const port = new PassThrough();
	const destination = new PassThrough({ highWaterMark: 1 });
	const output = forwardOutput(
		port,
		destination,
		() => undefined,
		() => {
			t.fail('nobody closed the destination');
		},
	);
	t.false(output.isHeldUp());
	port.end('abc');
	while (!output.isHeldUp()) {
		await new Promise(setImmediate);
	}
	destination.resume();
	await output.ended;
	t.false(output.isHeldUp());
});

test('the end of input is a frame, and the port stays open', async (t) => {
	const port = new PassThrough();
	const source = new PassThrough();
	forwardInput(source, port);
	source.end('hi');
	const end = 'I\0\0\0\0';
	let sent = '';
	port.setEncoding('latin1').on('data', (piece: string) => (sent += piece));
	while (!sent.endsWith(end)) {
		await new Promise(setImmediate);
	}
	t.is(sent, `I\x02\0\0\0hi${end}`);
	t.true(port.writable);
});

test('no input is an end of input', async (t) => {
	const port = new PassThrough();
	forwardInput(undefined, port);
	setImmediate(() => port.end());
	t.is(await text(port), 'I\0\0\0\0');
});
