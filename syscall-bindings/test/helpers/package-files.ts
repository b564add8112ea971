// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** This package's folder, whether the sources run or what tsc made of them. */
export const packageDirectory = path.dirname(
	fileURLToPath(import.meta.resolve('@fastipc/syscall-bindings/package.json')),
);
