// SPDX-License-Identifier: GPL-2.0-only
import { access, constants } from 'node:fs/promises';
import path from 'node:path';

import { isSystemError } from '@fastipc/syscall-bindings';
import { buildNative, nativePath } from '@fastipc/native';

/** In the guest nothing can be written: there the host has built it before. */
async function isReadOnly(directory: string): Promise<boolean> {
	try {
		await access(directory, constants.W_OK);
		return false;
	} catch (error) {
		return isSystemError(error, 'EROFS');
	}
}

/** Brings libtiming-loops.so up to date, where that is possible. */
export async function buildTimingLibrary(): Promise<void> {
	if (!(await isReadOnly(path.dirname(nativePath('libtiming-loops.so'))))) {
		await buildNative();
	}
}
