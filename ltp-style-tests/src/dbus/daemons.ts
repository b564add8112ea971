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
	SOCK_CLOEXEC,
	SOCK_DGRAM,
	SOCK_NONBLOCK,
	SOCK_STREAM,
} from '@fastipc/syscall-bindings';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** What has things done at its end: AVA's `t`, or what does that for several tests. */
export interface Teardown {
	teardown: (cleanUp: () => Promise<void>) => void;
}

/** Whether sockets are converted. */
export type Family = 'AF_UNIX' | 'AF_DBUS';

/** The daemons that there are. */
export type DaemonName = 'dbus-daemon' | 'dbus-broker';

/** A bus of a test. */
export interface Bus {
	/** The listener's path; the first one's, if there are several. */
	path: string;
	/** All listeners' paths. */
	paths: readonly string[];
	/** Process id of the daemon; of dbus-broker's launcher. */
	pid: number;
	/** What tells a program of the bus, and gives it the library on AF_DBUS. */
	environment: Record<string, string>;
	/** What the library reported, a line each. */
	report: () => Promise<string[]>;
}

/** A test may have many clients, and names. */
const configuration = `<busconfig><type>session</type><auth>EXTERNAL</auth>
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
	folder: string;
	/** Addresses at which it listens besides. */
	others: readonly string[];
}

async function startDbusDaemon(t: Teardown, start: Start): Promise<number> {
	const { environment, folder, others } = start;
	const file = path.join(folder, 'session.conf');
	const listeners = [...start.paths.map((socket) => `unix:path=${socket}`), ...others]
		.map((address) => `<listen>${address}</listen>`)
		.join('');
	await writeFile(file, `${configuration}${listeners}</busconfig>`);
	const options = [`--config-file=${file}`, '--nofork', '--nopidfile', '--print-address=1'];
	const daemon = spawn('dbus-daemon', options, {
		env: { ...process.env, ...environment },
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const pid = endWith(t, daemon);
	// It prints its address once it listens.
	await once(daemon.stdout, 'data');
	return pid;
}

/** Where dbus-broker-launch wants to log to. */
const journal = '/run/systemd/journal/socket';

/** Nothing here waits, so that of two buses started at once one makes it. */
function openJournal(): void {
	if (!existsSync(journal)) {
		mkdirSync(path.dirname(journal), { recursive: true });
		bindSocket(openSocket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC), { family: AF_UNIX, path: journal });
	}
}

/** A shell's words that start its arguments as a service manager does. */
const handOver = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"';

async function startDbusBroker(t: Teardown, start: Start): Promise<number> {
	const [socket = ''] = start.paths;
	const file = path.join(start.folder, 'broker.conf');
	await writeFile(file, `${configuration}</busconfig>`);
	openJournal();
	const listener = openSocket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
	bindSocket(listener, { family: AF_UNIX, path: socket });
	listenSocket(listener);
	const launcher = ['dbus-broker-launch', '--scope', 'user', '--config-file', file];
	const daemon = spawn('sh', ['-c', handOver, 'sh', ...launcher], {
		env: { ...process.env, ...start.environment },
		stdio: ['ignore', 'inherit', 'inherit', listener],
	});
	closeDescriptor(listener);
	return Promise.resolve(endWith(t, daemon));
}

/** At what dbus-daemon is to listen besides; dbus-broker has only one listener. */
export interface MoreListeners {
	/** In the folder of the first one. */
	names?: readonly string[];
	addresses?: readonly string[];
}

/** Starts a daemon, which ends with the test. Clients can connect when this settles. */
export async function startBus(
	t: Teardown,
	daemon: DaemonName,
	family: Family,
	{ names = [], addresses = [] }: MoreListeners = {},
): Promise<Bus> {
	if (daemon === 'dbus-broker' && names.length + addresses.length > 0) {
		throw new Error('dbus-broker takes exactly one listener');
	}
	const folder = await mkdtemp(path.join(os.tmpdir(), 'dbus-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const reportFile = path.join(folder, 'report');
	await writeFile(reportFile, '');
	const socket = path.join(folder, 'bus');
	const paths = [socket, ...names.map((name) => path.join(folder, name))];
	const environment = {
		DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}`,
		FASTIPC_DBUS_REPORT: reportFile,
		...(family === 'AF_DBUS' && { LD_PRELOAD: nativePath('libdbus-preload.so') }),
	};
	const start = daemon === 'dbus-daemon' ? startDbusDaemon : startDbusBroker;
	return {
		path: socket,
		paths,
		pid: await start(t, { paths, environment, folder, others: addresses }),
		environment,
		report: async () =>
			(await readFile(reportFile, 'utf8')).split('\n').filter((line) => line !== ''),
	};
}
