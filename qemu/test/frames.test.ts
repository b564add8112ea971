// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createInputEncoder, encodeFrame, encodeTerminal, frameTypes } from '../src/frames.js';

test('a frame is type, length and payload', (t) => {
	t.deepEqual([...encodeFrame('argument', 'ls')], [0x41, 2, 0, 0, 0, 0x6c, 0x73]);
	t.deepEqual([...encodeFrame('start')], [0x53, 0, 0, 0, 0]);
});

test('the length counts bytes, not characters', (t) => {
	t.deepEqual([...encodeFrame('environment', 'A=é').subarray(0, 5)], [0x45, 4, 0, 0, 0]);
});

test('the length has four bytes, the least significant first', (t) => {
	t.deepEqual([...encodeFrame('input', Buffer.alloc(0x10203)).subarray(0, 5)], [0x49, 3, 2, 1, 0]);
});

test('a payload that the guest would refuse', (t) => {
	t.notThrows(() => encodeFrame('argument', 'x'.repeat(1 << 20)));
	t.throws(() => encodeFrame('argument', 'x'.repeat((1 << 20) + 1)), {
		instanceOf: RangeError,
		message: /argument can carry 1048576 bytes, got 1048577/,
	});
});

test("a terminal's size", (t) => {
	const frame = encodeTerminal({ rows: 40, columns: 300 });
	t.deepEqual([...frame], [0x54, 4, 0, 0, 0, 40, 0, 300 - 256, 1]);
});

test('input keeps its bytes in pieces that the guest can take, and ends with an empty frame', async (t) => {
	const input = Buffer.alloc(100_000, 'abc');
	const encoded = Buffer.concat(await Readable.from([input]).pipe(createInputEncoder()).toArray());
	const payloads: Buffer[] = [];
	for (let start = 0; start < encoded.length;) {
		t.is(encoded.toString('latin1', start, start + 1), 'I');
		const length = encoded.readUInt32LE(start + 1);
		payloads.push(encoded.subarray(start + 5, start + 5 + length));
		start += 5 + length;
	}
	t.true(payloads.every(({ length }) => length <= 32 << 10));
	t.is(payloads.at(-1)?.length, 0);
	t.true(Buffer.concat(payloads).equals(input));
});

test('guest-init knows the same types', async (t) => {
	const native = new URL('.', import.meta.resolve('@fastipc/native/package.json'));
	const header = await readFile(fileURLToPath(new URL('src/guest-ports.h', native)), 'utf8');
	const known = [...header.matchAll(/\bFRAME_([A-Z_]+) = '(.)'/g)].map(([, name, letter]) => [
		name?.toLowerCase().replaceAll(/_(.)/g, (_, first: string) => first.toUpperCase()),
		letter,
	]);
	t.deepEqual(Object.fromEntries(known), { ...frameTypes });
});
