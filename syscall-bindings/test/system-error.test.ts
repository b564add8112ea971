// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

import { closeDescriptor, errnoName, isSystemError } from '@fastipc/syscall-bindings';
import test from 'ava';

import { createSystemError } from '../src/system-error.js';

test("errors have the shape of Node's own", (t) => {
	const own = t.throws(() => readFileSync('/nonexistent'));
	const ours = t.throws(() => {
		closeDescriptor(-1);
	});
	t.true(isSystemError(own, 'ENOENT'));
	t.true(isSystemError(ours, 'EBADF'));
	t.deepEqual(Object.keys(ours).toSorted(), ['code', 'errno', 'syscall']);
	t.like(ours, { code: 'EBADF', errno: -9, syscall: 'close', name: 'Error' });
	t.is(ours.message, 'EBADF: bad file descriptor, close(descriptor -1)');
});

test('isSystemError tells others apart', (t) => {
	const { code, errno, syscall } = createSystemError(1, 'close', '');
	t.false(isSystemError(new Error('plain')));
	t.false(isSystemError({ code, errno, syscall }));
	t.false(isSystemError(undefined));
	t.false(isSystemError(createSystemError(1, 'close', ''), 'EACCES'));
	t.false(isSystemError(Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' })));
});

test("names are Node's, and where Node has none the system's", (t) => {
	for (const errno of [1, 3, 11, 14, 22, 38, 95]) {
		t.is(errnoName(errno), getSystemErrorName(-errno));
	}
	t.is(errnoName(-14), 'EFAULT');
	t.is(errnoName(constants.errno.EDEADLK), 'EDEADLK');
	t.is(errnoName(0), 'SUCCESS');
	t.is(errnoName(512), 'Unknown system error -512');
});

test('an error without a name still says its number', (t) => {
	const error = createSystemError(512, 'close', 'descriptor 3');
	t.like(error, { code: 'Unknown system error -512', errno: -512 });
	t.is(error.message, 'Unknown system error -512: a number without a name, close(descriptor 3)');
});
