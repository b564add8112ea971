// SPDX-License-Identifier: GPL-2.0-only
import { errnoName } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import type { Outcome } from './ways.js';

/** What a copy is expected to give: a count of bytes, or the name of an errno. */
export type Expected = bigint | number | `E${string}`;

/** An outcome in words, so that a failed assertion reads `EPERM` against `4096 bytes`. */
export function describeOutcome({ returned, errno }: Outcome): string {
	return returned === -1n ? errnoName(errno) : `${returned} bytes`;
}

/** {@link describeOutcome} for what is expected. */
export function describeExpected(expected: Expected): string {
	return typeof expected === 'string' ? expected : `${expected} bytes`;
}

/**
 * Asserts what a copy gave.
 * @param what says which of a test's copies it was, for the message
 */
export function expectOutcome(
	t: ExecutionContext,
	outcome: Outcome,
	expected: Expected,
	what = 'the copy',
): void {
	t.is(describeOutcome(outcome), describeExpected(expected), what);
}
