// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { definesCall } from '../../src/cross/check-symbols.js';

const symbols = `0000000000000000 W __arm64_sys_copy_from_process
0000000000000010 T __arm64_sys_copy_to_process
                 U __arm64_sys_process_vm_readv
`;

test('entry points are told from weak ones, and from mere references', (t) => {
	t.true(definesCall(symbols, 'copy_from_process', 'W'));
	t.false(definesCall(symbols, 'copy_from_process', 'T'));
	t.true(definesCall(symbols, 'copy_to_process', 'T'));
	t.false(definesCall(symbols, 'copy_to', 'T'));
	t.false(definesCall(symbols, 'process_vm_readv', 'T'));
});
