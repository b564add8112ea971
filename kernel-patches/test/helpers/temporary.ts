// SPDX-License-Identifier: GPL-2.0-only
import type { ExecutionContext } from 'ava';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A new folder that goes when the test ends. */
export async function makeTemporaryFolder(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'fastipc-test-'));
	t.teardown(async () => {
		await rm(folder, { recursive: true, force: true });
	});
	return folder;
}

/** Makes a new folder the cache of this test file's process, for as long as the test runs. */
export async function useTemporaryCache(t: ExecutionContext): Promise<string> {
	const before = process.env['XDG_CACHE_HOME'];
	const folder = await makeTemporaryFolder(t);
	process.env['XDG_CACHE_HOME'] = folder;
	t.teardown(() => {
		if (before === undefined) {
			delete process.env['XDG_CACHE_HOME'];
		} else {
			process.env['XDG_CACHE_HOME'] = before;
		}
	});
	return path.join(folder, 'fastipc');
}
