// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const directory = '/sys/kernel/mm/ksm';
const settings = { run: '1', pages_to_scan: '10000', sleep_millisecs: '0', smart_scan: '0' };

/**
 * Has the kernel merge pages of the same content (KSM), at full speed, until the file's last test
 * has ended.
 * @returns begins with it, when it is first called
 */
export function useKsm(): () => void {
	const before = new Map<string, string>();
	test.after.always('has KSM as it was', () => {
		for (const [file, text] of before) {
			writeFileSync(file, text);
		}
	});
	return () => {
		if (before.size > 0) {
			return;
		}
		for (const [name, value] of Object.entries(settings)) {
			const file = path.join(directory, name);
			before.set(file, readFileSync(file, 'ascii'));
			writeFileSync(file, value);
		}
	};
}
