// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debian's bus daemons and programs on AF_UNIX, or on AF_DBUS by the preloaded library.
 */
import { nativePath } from '@fastipc/native';
import {
	AF_UNIX,
	bindSocket,
	closeDescriptor,
	listenSocket,
	openSocket,
	receiveBytes,
	SOCK_CLOEXEC,
	SOCK_DGRAM,
	SOCK_NONBLOCK,
	SOCK_STREAM,
} from '@fastipc/syscall-bindings';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NeededProgram } from '../needs/needs.js';
import type { Teardown } from '../teardown.js';
import { makeTemporaryFolder } from '../temporary-folder.js';

/** Whether sockets are converted. */
export type Family = 'AF_UNIX' | 'AF_DBUS';

/** The daemons that there are. */
export type DaemonName = 'dbus-daemon' | 'dbus-broker';

/** What each is started by, for the needs of tests. */
export const daemonPrograms: Readonly<Record<DaemonName, NeededProgram>> = {
	'dbus-daemon': { file: '/usr/bin/dbus-daemon', package: 'dbus-daemon' },
	'dbus-broker': { file: '/usr/bin/dbus-broker-launch', package: 'dbus-broker' },
};

/** A bus of a test. */
export interface Bus {
	/** The listener's path; the first one's, if there are several. */
	path: string;
	/** All listeners' paths. */
	paths: readonly string[];
	/** Process id of the daemon; of dbus-broker's launcher. */
	pid: number;
	/** Writes what the daemon is configured by from when it looks again: see `BusOptions`. */
	configure: (configuration: string) => Promise<void>;
	/** What tells a program of the bus, and gives it the library on AF_DBUS. */
	environment: Record<string, string>;
	/** What the library reported, a line each. */
	report: () => Promise<string[]>;
}

/** Of a bus on which everything is allowed: a test may have many clients, and names. */
export const sessionConfiguration = `<type>session</type><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy>
<limit name="max_names_per_connection">50000</limit>
<limit name="max_completed_connections">50000</limit>
<limit name="max_connections_per_user">50000</limit>`;

/** Ends a process with the test, and returns its id. */
function endWith(t: Teardown, started: ChildProcess): number {
	const ended = once(started, 'close');
	t.teardown(async () => {
		started.kill();
		await ended;
	});
	if (started.pid === undefined) {
		throw new Error(`${started.spawnfile} could not be started`);
	}
	return started.pid;
}

/** What a daemon is started with. */
interface Start {
	paths: readonly string[];
	environment: Record<string, string>;
	/** What is in the configuration, except for the listeners. */
	configuration: string;
	/** The file with the configuration. */
	file: string;
}

async function startDbusDaemon(t: Teardown, start: Start): Promise<number> {
	const { environment, configuration, file } = start;
	const options = [`--config-file=${file}`, '--nofork', '--nopidfile', '--print-address=1'];
	const daemon = spawn('dbus-daemon', options, {
		env: { ...process.env, ...environment },
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const pid = endWith(t, daemon);
	// It prints its address once it listens.
	const ended = once(daemon.stdout, 'end');
	const printed: unknown[] = await Promise.race([once(daemon.stdout, 'data'), ended]);
	if (printed.length === 0) {
		throw new Error(`dbus-daemon ended before it listened; its configuration: ${configuration}`);
	}
	return pid;
}

/** Where dbus-broker-launch wants to log to. */
const journal = '/run/systemd/journal/socket';

/** How many messages may wait in a datagram socket that is opened from then on. */
const queueLimit = '/proc/sys/net/unix/max_dgram_qlen';

let journalDescriptor: number | undefined;

/** Opens the journal with room for what launchers say in a test: where it is full, they wait. */
function openJournal(): number {
	mkdirSync(path.dirname(journal), { recursive: true });
	const usual = readFileSync(queueLimit, 'utf8');
	writeFileSync(queueLimit, '10000');
	const descriptor = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
	writeFileSync(queueLimit, usual);
	bindSocket(descriptor, { family: AF_UNIX, path: journal });
	return descriptor;
}

/**
 * Takes away what launchers said up to now. dbus-broker says each message that a policy denies, and
 * answers nobody any more once there is no room for that: some hundred.
 */
export function emptyJournal(): void {
	if (journalDescriptor === undefined) {
		return;
	}
	const message = Buffer.alloc(65536);
	while (receiveBytes(journalDescriptor, message) !== undefined);
}

/** Nothing here waits, so that of two buses started at once one makes it. */
function provideJournal(): void {
	if (journalDescriptor === undefined && existsSync(journal)) {
		// This machine's own.
		return;
	}
	journalDescriptor ??= openJournal();
	emptyJournal();
}

/** A shell's words that start its arguments as a service manager does. */
const handOver = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"';

async function startDbusBroker(t: Teardown, start: Start): Promise<number> {
	const { file, paths } = start;
	const [socket = ''] = paths;
	provideJournal();
	const listener = openSocket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
	bindSocket(listener, { family: AF_UNIX, path: socket });
	// As dbus-daemon does, so that other users can connect.
	await chmod(socket, 0o777);
	listenSocket(listener);
	const launcher = ['dbus-broker-launch', '--scope', 'user', '--config-file', file];
	const daemon = spawn('sh', ['-c', handOver, 'sh', ...launcher], {
		env: { ...process.env, ...start.environment },
		stdio: ['ignore', 'inherit', 'inherit', listener],
	});
	closeDescriptor(listener);
	return endWith(t, daemon);
}

/** How a bus is to differ: dbus-broker has only one listener. */
export interface BusOptions {
	/** In the folder of the first one. */
	names?: readonly string[];
	addresses?: readonly string[];
	/** What is inside of `<busconfig>`, except for the listeners; a session's where left out. */
	configuration?: string;
}

/**
 * Starts a daemon, which ends with the test. Clients can connect when this settles.
 * @throws Error if dbus-broker is to have more than one listener
 */
export async function startBus(
	t: Teardown,
	daemon: DaemonName,
	family: Family,
	{ names = [], addresses = [], configuration = sessionConfiguration }: BusOptions = {},
): Promise<Bus> {
	if (daemon === 'dbus-broker' && names.length + addresses.length > 0) {
		throw new Error('dbus-broker takes exactly one listener');
	}
	const folder = await makeTemporaryFolder(t, 'dbus-');
	// For other users' clients.
	await chmod(folder, 0o755);
	const reportFile = path.join(folder, 'report');
	await writeFile(reportFile, '');
	const socket = path.join(folder, 'bus');
	const paths = [socket, ...names.map((name) => path.join(folder, name))];
	const environment = {
		DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}`,
		FASTIPC_DBUS_REPORT: reportFile,
		...(family === 'AF_DBUS' && { LD_PRELOAD: nativePath('libdbus-preload.so') }),
	};
	const file = path.join(folder, 'bus.conf');
	// dbus-broker is given its listener.
	const listenElements = (
		daemon === 'dbus-daemon' ? [...paths.map((socket) => `unix:path=${socket}`), ...addresses] : []
	)
		.map((address) => `<listen>${address}</listen>`)
		.join('');
	const configure = (text: string): Promise<void> =>
		writeFile(file, `<busconfig>${text}${listenElements}</busconfig>`);
	await configure(configuration);
	const start = daemon === 'dbus-daemon' ? startDbusDaemon : startDbusBroker;
	return {
		path: socket,
		paths,
		pid: await start(t, { paths, environment, configuration, file }),
		configure,
		environment,
		report: async () =>
			(await readFile(reportFile, 'utf8')).split('\n').filter((line) => line !== ''),
	};
}
