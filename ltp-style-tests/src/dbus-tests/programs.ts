// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const directory = '/usr/share/installed-tests/dbus';

/** One of libdbus's installed tests. */
export interface InstalledTest {
	name: string;
	/** A command line for a shell, which prints TAP. */
	command: string;
}

/**
 * Reads the command out of a .test file.
 * @throws Error that names the file if it has none
 */
export function parseInstalledTest(text: string, file: string): string {
	const command = /^Exec=(.+)$/m.exec(text)?.[1];
	if (command === undefined) {
		throw new Error(`${file} has no line that begins with Exec=`);
	}
	return command;
}

/**
 * All of Debian's dbus-tests, by name.
 * @throws Error if they aren't installed
 */
export function readInstalledTests(): InstalledTest[] {
	const files = readdirSync(directory).filter((name) => name.endsWith('.test'));
	return files.toSorted().map((name) => {
		const file = path.join(directory, name);
		return {
			name: path.basename(name, '.test'),
			command: parseInstalledTest(readFileSync(file, 'utf8'), file),
		};
	});
}

/** How many of a program's tests had which result. */
export interface Results {
	passed: number;
	failed: number;
	skipped: number;
}

/** Counts the results in a program's TAP. */
export function countResults(tap: string): Results {
	const lines = tap.split('\n');
	const results = lines.filter((line) => /^(not )?ok\b/.test(line));
	const skipped = results.filter((line) => /# skip/i.test(line));
	const unexpected = results.filter((line) => line.startsWith('not ') && !line.includes('# TODO'));
	const failed = unexpected.length + lines.filter((line) => line.startsWith('Bail out!')).length;
	return {
		passed: results.length - skipped.length - unexpected.length,
		failed,
		skipped: skipped.length,
	};
}
