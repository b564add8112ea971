// SPDX-License-Identifier: GPL-2.0-only
// Daemons and clients that nobody here wrote, on AF_DBUS by the preloaded library: no difference.
import {
	closeDescriptor,
	isDbusSocket,
	isOnlyWayIn,
	isSystemError,
	pidfdOpen,
	systemCall,
} from '@fastipc/syscall-bindings';
import test from 'ava';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { allDaemons } from '../../src/dbus/both-ways.js';
import { busAsListed } from '../../src/dbus/bus-as-listed.js';
import { daemonPrograms, startBus } from '../../src/dbus/daemons.js';
import { clients, withoutTimes } from '../../src/dbus/programs.js';
import { endSharedBuses, sharedBuses } from '../../src/dbus/shared-buses.js';
import { defineTable } from '../../src/needs/define-test.js';
import type { NeededProgram, Needs } from '../../src/needs/needs.js';

/** What the service is made of. */
const servicePrograms: readonly NeededProgram[] = [
	{ file: '/usr/lib/python3/dist-packages/dbus/__init__.py', package: 'python3-dbus' },
	{ file: '/usr/lib/python3/dist-packages/gi/__init__.py', package: 'python3-gi' },
];

const EBADF = 9;

const needs: Needs = { root: true, config: ['CONFIG_AF_DBUS'] };

function programOf(pid: number): string {
	return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
}

defineTable({
	rows: allDaemons.flatMap((daemon) => clients.map((client) => ({ daemon, client }))),
	title: ({ daemon, client }) =>
		`dbus programs: ${client.program} on ${daemon} prints on AF_DBUS what it prints on AF_UNIX`,
	needs: ({ daemon, client }) => ({
		...needs,
		programs: [daemonPrograms[daemon], client, ...servicePrograms],
	}),
	check: async (t, { daemon, client }) => {
		const { plain, watched } = await sharedBuses(daemon);
		const before = busAsListed(watched).bus.received;
		const [onUnix, onDbus] = await Promise.all([client.run(plain), client.run(watched)]);
		t.is(withoutTimes(onDbus), withoutTimes(onUnix));
		// Hello and something else.
		const received = busAsListed(watched).bus.received - before;
		t.true(received >= 2, `the kernel saw ${received} messages`);
		t.true((await watched.report()).includes(`connect done ${client.program} ${watched.path}`));
		t.deepEqual(await plain.report(), []);
	},
});

defineTable({
	rows: allDaemons,
	title: (daemon) => `dbus programs: nothing of ${daemon} on AF_DBUS stayed on AF_UNIX`,
	needs: (daemon) => ({ ...needs, programs: [daemonPrograms[daemon], ...servicePrograms] }),
	check: async (t, daemon) => {
		const { watched } = await sharedBuses(daemon);
		const listener = daemon === 'dbus-broker' ? 'dbus-broker-launch' : daemon;
		const report = await watched.report();
		t.deepEqual(
			report.filter((line) => line.startsWith('listen ')),
			[`listen done ${listener} ${watched.path}`],
		);
		t.deepEqual(
			report.filter((line) => !/^(listen|connect) done /.test(line)),
			[],
		);
		const { bus, connections, queues } = busAsListed(watched);
		t.is(connections.length, bus.connections);
		for (const connection of connections) {
			t.like(connection, { receives: 'messages', sends: 'messages', unsure: false });
		}
		const [echo] = queues.get('org.example.Echo') ?? [];
		const owner = connections.find(({ name }) => name === echo);
		t.is(programOf(owner?.pid ?? 0), 'python3');
	},
});

test.after.always(endSharedBuses);

/** Where a descriptor leads; nowhere if the process has closed it meanwhile, as daemons do. */
function linkOf(pid: number, number: string): string {
	try {
		return readlinkSync(`/proc/${pid}/fd/${number}`);
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) {
			return '';
		}
		throw error;
	}
}

/** What is declared of a process's descriptor, if it is of a socket of AF_DBUS. */
function declaredOf(pidfd: number, number: number): boolean[] {
	const { returned, errno } = systemCall('pidfd_getfd', BigInt(pidfd), BigInt(number), 0n);
	if (errno === EBADF) {
		return [];
	}
	const descriptor = Number(returned);
	try {
		return isDbusSocket(descriptor) ? [isOnlyWayIn(descriptor)] : [];
	} finally {
		closeDescriptor(descriptor);
	}
}

/** What is declared of each socket of AF_DBUS that a process has. */
function declared(pid: number): boolean[] {
	const numbers = readdirSync(`/proc/${pid}/fd`).filter((number) =>
		linkOf(pid, number).startsWith('socket:'),
	);
	const pidfd = pidfdOpen(pid);
	try {
		return numbers.flatMap((number) => declaredOf(pidfd, Number(number)));
	} finally {
		closeDescriptor(pidfd);
	}
}

defineTable<{ listeners: string; others: string[]; expected: boolean[] }>({
	rows: [
		{ listeners: 'one', others: [], expected: [true] },
		{ listeners: 'two', others: ['unix:abstract=dbus-second'], expected: [true, true] },
		{ listeners: 'one, and TCP', others: ['tcp:host=127.0.0.1'], expected: [false] },
		{
			listeners: 'two, and one that is not converted',
			others: ['unix:abstract=dbus-third', 'unix:abstract=other'],
			expected: [false, false],
		},
	],
	title: ({ listeners }) =>
		`dbus programs: whether there is no other way onto dbus-daemon's bus, with ${listeners}`,
	needs: { ...needs, programs: [daemonPrograms['dbus-daemon']] },
	check: async (t, { others, expected }) => {
		const bus = await startBus(t, 'dbus-daemon', 'AF_DBUS', { addresses: others });
		t.deepEqual(declared(bus.pid), expected);
	},
});
