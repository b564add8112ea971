// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { readBase } from '../src/base.js';
import { parsePrintedUri } from '../src/replacement.js';
import { UserError } from '../src/user-error.js';

const hash = '703e369ddd4cce971452f5a593ee55df3a5c10c83caf0fa0df039633ed181ee3';
const line = (version: string): string =>
	`'http://mirror.example/debian/pool/main/l/linux/linux-source-7.3_${encodeURIComponent(version)}_all.deb' linux-source-7.3_${version}_all.deb 166780612 SHA256:${hash}`;

test('makes a base of the line that apt prints', async (t) => {
	const base = await readBase();
	t.deepEqual(parsePrintedUri(`${line('7.3.9-2~bpo13+1')}\n`, base), {
		...base,
		version: '7.3.9',
		packageVersion: '7.3.9-2~bpo13+1',
		pool: 'pool/main/l/linux/linux-source-7.3_7.3.9-2~bpo13+1_all.deb',
		size: 166_780_612,
		sha256: hash,
	});
});

test('finds nothing where apt offers nothing', async (t) => {
	t.is(parsePrintedUri('', await readBase()), undefined);
	t.is(parsePrintedUri('E: Unable to locate package\n', await readBase()), undefined);
});

test('refuses another minor version', async (t) => {
	const base = await readBase();
	t.throws(() => parsePrintedUri(line('7.4.1-1'), base), { instanceOf: UserError });
});
