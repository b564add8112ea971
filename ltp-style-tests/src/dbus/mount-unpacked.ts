// SPDX-License-Identifier: GPL-2.0-only
/*
 * Importing this has the guest see a package's files where they belong that is unpacked but not
 * installed. It must come before what looks for them. The host says in FASTIPC_UNPACKED which
 * there is, if any; for nowhere else may /usr be mounted over.
 */
import { execaSync } from 'execa';
import path from 'node:path';
import process from 'node:process';

const directory = process.env['FASTIPC_UNPACKED'];
if (directory !== undefined) {
	const folders = [path.join(directory, 'usr'), '/usr'].join(':');
	execaSync('mount', ['-t', 'overlay', '-o', `ro,lowerdir=${folders}`, 'programs', '/usr']);
}
