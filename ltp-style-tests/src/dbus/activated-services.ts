// SPDX-License-Identifier: GPL-2.0-only
/*
 * Services that dbus-daemon starts when somebody sends to their names.
 */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Teardown } from '../teardown.js';
import { makeTemporaryFolder } from '../temporary-folder.js';

/** The longest that one lives; nothing depends on it, since the test's end ends them. */
const lifeSeconds = 600;

/** What a service did before it sleeps is to say which process it is. */
function serviceFile(name: string, started: string): string {
	// With the daemon's output open, the daemon would not be seen to end before its services.
	const script = `echo $$ >>${started}; exec sleep ${lifeSeconds} >/dev/null 2>&1`;
	return `[D-BUS Service]\nName=${name}\nExec=/bin/sh -c '${script}'\n`;
}

/** Ends those that have been started. */
async function endServices(started: string): Promise<void> {
	for (const line of (await readFile(started, 'utf8')).split('\n')) {
		if (line !== '') {
			process.kill(Number(line), 'SIGKILL');
		}
	}
}

/**
 * Makes services that do nothing once they are started, and leave their names to the test; they end
 * with it.
 * @returns what a daemon's configuration has to have for them
 */
export async function makeServices(t: Teardown, names: readonly string[]): Promise<string> {
	const folder = await makeTemporaryFolder(t, 'dbus-services-');
	await chmod(folder, 0o755);
	const started = path.join(folder, 'started');
	await writeFile(started, '');
	for (const name of names) {
		await writeFile(path.join(folder, `${name}.service`), serviceFile(name, started));
	}
	t.teardown(() => endServices(started));
	return `<servicedir>${folder}</servicedir>`;
}
