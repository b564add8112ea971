// SPDX-License-Identifier: GPL-2.0-only
// What the library does where the kernel refuses: nothing that the program would notice.
// What it does with AF_DBUS is tested in the guest.
import { buildNative, nativePath } from '@fastipc/native';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

test.before(buildNative);

const library = 'libdbus-preload.so';

/** Listens at the address, connects to it, and prints what arrived. */
const program = `
	const net = require('node:net');
	const [address] = process.argv.slice(1);
	const server = net.createServer((socket) => socket.end('hello')).listen(address, () => {
		net.connect(address).on('data', (data) => console.log(String(data))).on('end', () => server.close());
	});
`;

/** Runs the program with an address of that name, and returns what the library reported. */
async function serve(t: ExecutionContext, name: string, addresses?: string): Promise<string> {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'preload-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const report = path.join(directory, 'report');
	await writeFile(report, '');
	const { stdout } = await execa('node', ['-e', program, path.join(directory, name)], {
		env: {
			LD_PRELOAD: nativePath(library),
			FASTIPC_DBUS_REPORT: report,
			...(addresses === undefined ? {} : { FASTIPC_DBUS_ADDRESSES: addresses }),
		},
	});
	t.is(stdout, 'hello');
	return (await readFile(report, 'utf8')).replaceAll(directory, 'D');
}

test('it replaces two calls and nothing else', async (t) => {
	const { stdout } = await execa('nm', ['--dynamic', '--defined-only', nativePath(library)]);
	const names = stdout.split('\n').map((line) => line.split(' ').at(-1));
	t.deepEqual(names.toSorted(), ['connect', 'listen']);
});

test('a refused conversion leaves the program on AF_UNIX', async (t) => {
	t.regex(await serve(t, 'dbus-1'), /^listen E\w+ node D\/dbus-1\nconnect E\w+ node D\/dbus-1\n$/);
	t.regex(await serve(t, 'bus'), /^listen E\w+ node D\/bus\n/);
});

test('what does not look like a bus is left alone', async (t) => {
	t.is(await serve(t, 'business'), '');
	t.is(await serve(t, 'dbus-1', '/elsewhere/*:*.sock'), '');
});

test('which addresses are buses can be said', async (t) => {
	t.regex(await serve(t, 'a.sock', '/elsewhere/*:*.sock'), /^listen E\w+ node D\/a\.sock\n/);
});
