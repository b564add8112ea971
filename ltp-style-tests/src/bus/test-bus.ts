// SPDX-License-Identifier: GPL-2.0-only
import { nativePath } from '@fastipc/native';
import { execa } from 'execa';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Debian's dbus-daemon on converted sockets. */
export interface TestBus {
	/** The paths of its two listeners. */
	paths: readonly [string, string];
	/** The variables that give a program the library. */
	environment: Record<string, string>;
	/** Runs a client with the library. */
	run: (command: string, ...args: string[]) => Promise<string>;
	/** What the library reported, a line each. */
	report: () => Promise<string[]>;
}

const limits = `
	<limit name="max_names_per_connection">50000</limit>
	<limit name="max_completed_connections">50000</limit>
	<limit name="max_connections_per_user">50000</limit>`;

function configuration(paths: readonly string[]): string {
	const listeners = paths.map((name) => `<listen>unix:path=${name}</listen>`).join('');
	return `<busconfig><type>session</type>${listeners}<auth>EXTERNAL</auth>
	<policy context="default"><allow send_destination="*" eavesdrop="true"/>
	<allow eavesdrop="true"/><allow own="*"/></policy>${limits}</busconfig>`;
}

/** Takes what is to be done in the end, as a test does. */
export interface CleanUps {
	teardown: (cleanUp: () => Promise<void>) => unknown;
}

/** Starts a daemon with two listeners, which ends with the test. */
export async function startBus(t: CleanUps): Promise<TestBus> {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'dbus-'));
	const paths = [path.join(folder, 'bus'), path.join(folder, 'dbus-2')] as const;
	const reportFile = path.join(folder, 'report');
	const configFile = path.join(folder, 'session.conf');
	await writeFile(configFile, configuration(paths));
	await writeFile(reportFile, '');
	const environment = {
		LD_PRELOAD: nativePath('libdbus-preload.so'),
		FASTIPC_DBUS_REPORT: reportFile,
		DBUS_SESSION_BUS_ADDRESS: `unix:path=${paths[0]}`,
	};
	const options = [`--config-file=${configFile}`, '--nofork', '--nopidfile', '--print-address=1'];
	const daemon = execa('dbus-daemon', options, { env: environment, stderr: 'inherit' });
	t.teardown(async () => {
		daemon.kill();
		await daemon.catch(() => undefined);
	});
	// It prints its address once it listens.
	await once(daemon.stdout, 'data');
	return {
		paths,
		environment,
		run: async (command, ...args) => (await execa(command, args, { env: environment })).stdout,
		report: async () =>
			(await readFile(reportFile, 'utf8')).split('\n').filter((line) => line !== ''),
	};
}
