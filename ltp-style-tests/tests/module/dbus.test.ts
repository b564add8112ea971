// SPDX-License-Identifier: GPL-2.0-only
// AF_DBUS as a module: it is loaded by who makes a socket, and stays as long as there is any.
import {
	acceptConnection,
	AF_DBUS,
	AF_UNIX,
	bindSocket,
	closeDescriptor,
	connectSocket,
	isSystemError,
	listenSocket,
	openSocket,
	receiveBytes,
	sendBytes,
	upgradeToDbus,
} from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { execa, execaSync } from 'execa';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { defineTable, defineTest } from '../../src/needs/define-test.js';
import type { Needs } from '../../src/needs/needs.js';

const needs: Needs = {
	kernels: ['module'],
	root: true,
	programs: [
		{ file: '/sbin/insmod', package: 'kmod' },
		{ file: '/sbin/rmmod', package: 'kmod' },
	],
};

const module = path.join(process.env['FASTIPC_MODULES'] ?? '', 'dbus.ko');

function load(): void {
	execaSync('/sbin/insmod', [module]);
}

function unload(): void {
	execaSync('/sbin/rmmod', ['dbus']);
}

function isLoaded(): boolean {
	return existsSync('/sys/module/dbus');
}

/** What rmmod says of a module that is in use: before it tries, or of EAGAIN. */
const inUse =
	/Module dbus is in use|could not remove module dbus: Resource temporarily unavailable/;

let names = 0;

function freshName(): string {
	names += 1;
	return `\0module-${names}`;
}

function listener(family: number, name: string): number {
	const socket = openSocket(family);
	bindSocket(socket, { family, path: name });
	listenSocket(socket);
	return socket;
}

function client(family: number, name: string): number {
	const socket = openSocket(family);
	connectSocket(socket, { family, path: name });
	return socket;
}

function accept(socket: number): number {
	const accepted = acceptConnection(socket);
	if (accepted === undefined) {
		throw new Error('nobody has connected');
	}
	return accepted;
}

/** A listener that was converted after somebody had connected. */
function convertedListener(name: string): { socket: number; waiting: number } {
	const socket = listener(AF_UNIX, name);
	const waiting = client(AF_UNIX, name);
	upgradeToDbus(socket);
	return { socket, waiting };
}

defineTest({
	title: 'module: without it there is no AF_DBUS, and converting says so',
	needs,
	check: async (t) => {
		t.false(isLoaded());
		await writeFile('/proc/sys/kernel/modprobe', '/bin/false');
		const error = t.throws(() => openSocket(AF_DBUS));
		t.true(isSystemError(error, 'EAFNOSUPPORT'), String(error));
		const socket = openSocket(AF_UNIX);
		const refused = t.throws(() => {
			upgradeToDbus(socket);
		});
		t.true(isSystemError(refused, 'ENOTSUP'), String(refused));
		closeDescriptor(socket);
		t.false(existsSync('/proc/net/dbus'));
	},
});

defineTest({
	title: 'module: a socket of the family has it loaded by its alias',
	needs,
	check: async (t) => {
		const folder = await mkdtemp(path.join(os.tmpdir(), 'modprobe-'));
		const asked = path.join(folder, 'asked');
		const script = path.join(folder, 'modprobe');
		await writeFile(script, `#!/bin/sh\necho "$*" >${asked}\nexec /sbin/insmod ${module}\n`);
		await chmod(script, 0o755);
		await writeFile('/proc/sys/kernel/modprobe', script);
		closeDescriptor(openSocket(AF_DBUS));
		t.regex(await readFile(asked, 'utf8'), new RegExp(` net-pf-${AF_DBUS}\n$`));
		t.true(isLoaded());
		await writeFile('/proc/sys/kernel/modprobe', '/bin/false');
		const { stdout } = await execa('/sbin/modinfo', ['--field', 'alias', module]);
		t.is(stdout, `net-pf-${AF_DBUS}`);
		unload();
		t.false(isLoaded());
	},
});

/** Ways to keep the module, each with the descriptors that do. */
const uses: readonly { use: string; hold: () => number[] }[] = [
	{ use: 'a socket', hold: () => [openSocket(AF_DBUS)] },
	{ use: 'a listener', hold: () => [listener(AF_DBUS, freshName())] },
	{
		use: 'a converted socket',
		hold: () => {
			const socket = openSocket(AF_UNIX);
			upgradeToDbus(socket);
			return [socket];
		},
	},
	{
		use: 'a converted listener, and who waits there',
		hold: () => Object.values(convertedListener(freshName())),
	},
	{
		use: 'an accepted connection of a listener that is gone',
		hold: () => {
			const name = freshName();
			const socket = listener(AF_DBUS, name);
			const connected = client(AF_UNIX, name);
			const accepted = accept(socket);
			closeDescriptor(socket);
			closeDescriptor(connected);
			return [accepted];
		},
	},
	{
		use: 'a connection that was accepted after the listener was converted',
		hold: () => {
			const { socket, waiting } = convertedListener(freshName());
			const accepted = accept(socket);
			closeDescriptor(socket);
			closeDescriptor(waiting);
			return [accepted];
		},
	},
	{
		use: 'a client of AF_DBUS on a listener of AF_UNIX',
		hold: () => {
			const name = freshName();
			const socket = listener(AF_UNIX, name);
			const connected = client(AF_DBUS, name);
			closeDescriptor(socket);
			return [connected];
		},
	},
	{
		use: "a client of AF_UNIX, whose other end's tap may still be called",
		hold: () => {
			const name = freshName();
			const socket = listener(AF_DBUS, name);
			const connected = client(AF_UNIX, name);
			closeDescriptor(accept(socket));
			closeDescriptor(socket);
			return [connected];
		},
	},
];

function expectInUse(t: ExecutionContext, use: string): void {
	const error = t.throws(unload, undefined, use);
	t.regex(error.message, inUse);
}

defineTable({
	rows: uses,
	title: ({ use }) => `module: it can't be unloaded while there is ${use}, and can be after`,
	needs,
	check: (t, { use, hold }) => {
		load();
		const descriptors = hold();
		expectInUse(t, use);
		t.true(existsSync('/proc/net/dbus'));
		for (const descriptor of descriptors) {
			closeDescriptor(descriptor);
		}
		unload();
		t.false(existsSync('/proc/net/dbus'));
	},
});

defineTest({
	title: 'module: plain sockets that were connected before, while and after it is there go on',
	needs,
	check: (t) => {
		const name = freshName();
		const socket = listener(AF_UNIX, name);
		const connected = client(AF_UNIX, name);
		const accepted = accept(socket);
		const exchange = (): void => {
			const received = Buffer.alloc(3);
			sendBytes(connected, Buffer.from('abc'));
			t.is(receiveBytes(accepted, received), 3);
			t.is(received.toString(), 'abc');
		};
		exchange();
		load();
		const other = listener(AF_DBUS, freshName());
		exchange();
		closeDescriptor(other);
		unload();
		exchange();
		[socket, connected, accepted].forEach(closeDescriptor);
	},
});

const rounds = 50;

defineTest({
	title: 'module: loaded and unloaded while others connect, talk and close',
	needs: { ...needs, cpus: 2 },
	check: async (t) => {
		await writeFile('/proc/sys/kernel/modprobe', '/bin/false');
		// It converts its listener where it can, and talks to itself; another may take the module.
		const program = `
			use Socket;
			for (my $round = 1; !-e $ARGV[0]; $round++) {
				my $name = sockaddr_un("\\0traffic-$$-$round");
				socket(my $listener, AF_UNIX, SOCK_STREAM, 0) or die;
				bind($listener, $name) && listen($listener, 4) or die;
				setsockopt($listener, 288, 1, pack("i", 1));
				socket(my $client, AF_UNIX, SOCK_STREAM, 0) or die;
				connect($client, $name) or die;
				syswrite($client, "\\0AUTH EXTERNAL 30\\r\\n") or die;
				accept(my $daemon, $listener) or die;
				sysread($daemon, my $line, 100) or die;
				syswrite($daemon, "OK 0\\r\\n") or die;
				sysread($client, $line, 100) or die;
			}
			print "good\\n";
		`;
		const folder = await mkdtemp(path.join(os.tmpdir(), 'module-'));
		const end = path.join(folder, 'end');
		const traffic = [1, 2].map(() => execa('perl', ['-e', program, end]));
		let unloaded = 0;
		let refused = 0;
		for (let round = 0; round < rounds; round++) {
			if (!isLoaded()) {
				load();
			}
			const { failed, stderr } = await execa('/sbin/rmmod', ['dbus'], { reject: false });
			if (failed) {
				t.regex(stderr, inUse);
				refused += 1;
			} else {
				unloaded += 1;
			}
		}
		await writeFile(end, '');
		for (const { stdout } of await Promise.all(traffic)) {
			t.is(stdout, 'good');
		}
		t.true(unloaded > 0 && refused > 0, `${unloaded} unloaded, ${refused} refused`);
		if (isLoaded()) {
			unload();
		}
	},
});
