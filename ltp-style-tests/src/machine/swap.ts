// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';

const device = '/dev/zram0';
const attributes = '/sys/block/zram0';
const bytes = 128 * 2 ** 20;

/**
 * A swap area in compressed memory (zram), which is there until the file's last test has ended.
 * @returns makes it, when it is first called; throws an Error if the kernel has no zram device
 */
export function useSwap(): () => void {
	let made = false;
	test.after.always('takes the swap area away', () => {
		if (made) {
			execFileSync('swapoff', [device]);
			writeFileSync(`${attributes}/reset`, '1');
		}
	});
	return () => {
		if (made) {
			return;
		}
		if (!existsSync(attributes)) {
			throw new Error(`${attributes} is missing: the kernel has no zram device`);
		}
		writeFileSync(`${attributes}/disksize`, String(bytes));
		execFileSync('mkswap', [device]);
		execFileSync('swapon', [device]);
		made = true;
	};
}
