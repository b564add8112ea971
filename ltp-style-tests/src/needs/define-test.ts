// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { titleWithSkipReason } from '../report/skip-reason.js';
import { readMachine } from './machine.js';
import { unmetNeed, type Needs } from './needs.js';

/** A test as data: its name, what it needs of the machine, and what it checks. */
export interface TestDefinition {
	title: string;
	needs?: Needs;
	check: (t: ExecutionContext) => Promise<void> | void;
}

/** A test for each row of a table; the title says what tells the row from the others. */
export interface TableDefinition<Row> {
	rows: readonly Row[];
	title: (row: Row) => string;
	/** What every row needs, or what each does. */
	needs?: Needs | ((row: Row) => Needs);
	check: (t: ExecutionContext, row: Row) => Promise<void> | void;
}

const machine = readMachine();

/**
 * Has AVA run a test where its needs are met, skip it with the reason where they aren't,
 * and fail it where the kernel promised what is missing. Tests of one file run one after
 * another, because some of them change what the whole machine shares.
 */
export function defineTest({ title, needs = {}, check }: TestDefinition): void {
	const unmet = unmetNeed(needs, machine);
	if (unmet === undefined) {
		test.serial(title, check);
	} else if (unmet.kind === 'skip') {
		test.serial.skip(titleWithSkipReason(title, unmet.reason), check);
	} else {
		test.serial(title, (t) => {
			t.fail(unmet.reason);
		});
	}
}

/** {@link defineTest} for each row of a table. */
export function defineTable<Row>({ rows, title, needs, check }: TableDefinition<Row>): void {
	for (const row of rows) {
		defineTest({
			title: title(row),
			needs: typeof needs === 'function' ? needs(row) : (needs ?? {}),
			check: (t) => check(t, row),
		});
	}
}
