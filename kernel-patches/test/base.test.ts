// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseBase, readBase } from '../src/base.js';
import { UserError } from '../src/user-error.js';

test('the base.json that is kept here is right', async (t) => {
	const base = await readBase();
	t.is(base.version, '7.3.4');
	t.is(base.size, 166_780_612);
});

const broken: [string, Record<string, unknown>, RegExp][] = [
	['a hash that is too short', { sha256: 'abc' }, /64 small hexadecimal digits/],
	['a hash in capitals', { sha256: 'A'.repeat(64) }, /64 small hexadecimal digits/],
	['a size that is no number', { size: '166780612' }, /expected (number|int)/],
	['a size of nothing', { size: 0 }, /size/],
	['a version of another minor', { version: '7.4.1' }, /version must be of the minor/],
	['a pool path of another version', { packageVersion: '7.3.5-1' }, /pool must name/],
	['a pool path that climbs', { pool: 'pool/../linux-source-7.3_7.3.4-1~bpo13+1_all.deb' }, /\.\./],
	['an absolute tarball', { tarball: '/usr/src/linux.tar.xz' }, /relative path/],
	['a missing field', { tarball: undefined }, /tarball/],
	['an unknown field', { sha512: 'x' }, /sha512/],
];

for (const [name, change, message] of broken) {
	test(`refuses ${name}`, async (t) => {
		const text = JSON.stringify({ ...(await readBase()), ...change });
		const error = t.throws(() => parseBase(text, 'some/base.json'), { instanceOf: UserError });
		t.regex(error.message, /^some\/base\.json/);
		t.regex(error.message, message);
	});
}

test('refuses what is not JSON, and says where', (t) => {
	t.throws(() => parseBase('{ "version": ', 'base.json'), { message: /^base\.json is not JSON/ });
});
