// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { nativePath } from '@fastipc/native';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Whose a program is and who may do what with it; root's and everybody's where left out. */
export interface ProgramFile {
	owner?: number;
	group?: number;
	/** Permissions, such as 0o4755 for a set-user-ID program. */
	mode?: number;
}

/**
 * Copies of memory-target that processes can execute. They are gone when the file's last test has
 * ended.
 * @returns makes one, or gives that of an earlier test, and tells its path. It needs root
 */
export function testPrograms(): (file?: ProgramFile) => string {
	let directory: string | undefined;
	const made = new Map<string, string>();
	test.after.always('removes the programs of this file', () => {
		if (directory !== undefined) {
			rmSync(directory, { recursive: true });
		}
	});
	return ({ owner = 0, group = 0, mode = 0o755 } = {}) => {
		if (directory === undefined) {
			directory = mkdtempSync(path.join(os.tmpdir(), 'test-programs-'));
			chmodSync(directory, 0o755);
		}
		const name = `${owner}-${group}-${mode.toString(8)}`;
		const program = made.get(name) ?? path.join(directory, name);
		if (!made.has(name)) {
			copyFileSync(nativePath('memory-target'), program);
			chownSync(program, owner, group);
			// Afterwards, as a change of the owner takes the set-ID bits away.
			chmodSync(program, mode);
			made.set(name, program);
		}
		return program;
	};
}
