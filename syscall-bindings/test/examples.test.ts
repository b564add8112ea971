// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs every example of the documentation. The examples are JavaScript, so they run as they
 * are; whether they are right as TypeScript too is examples-types.test.ts's to find.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import * as bindings from '@fastipc/syscall-bindings';
import * as listing from '@fastipc/syscall-bindings/dbus-listing';
import * as measuring from '@fastipc/syscall-bindings/measure-loop';
import test from 'ava';

import { findExamples, needsDbus, needsNewCalls } from './helpers/examples.js';
import {
	titleWhenSkipped,
	whyDbusIsMissing,
	whyNewCallsAreMissing,
} from './helpers/kernel-support.js';
import { packageDirectory } from './helpers/package-files.js';
import { buildTimingLibrary } from './helpers/timing-library.js';

const examples = findExamples();
const missingCalls = whyNewCallsAreMissing();
const missingDbus = whyDbusIsMissing();
const directory = mkdtempSync(path.join(tmpdir(), 'fastipc-examples-'));

test.before(async () => {
	await buildTimingLibrary();
	const scope = path.join(directory, 'node_modules', '@fastipc');
	mkdirSync(scope, { recursive: true });
	symlinkSync(packageDirectory, path.join(scope, 'syscall-bindings'));
});

test.after.always(() => {
	rmSync(directory, { recursive: true });
});

test('every function has an example', (t) => {
	const functions = Object.entries({ ...bindings, ...listing, ...measuring })
		.filter(([, value]) => typeof value === 'function')
		.map(([name]) => name);
	const described = examples.map(({ name }) => name).filter((name) => !name.startsWith('README'));
	t.deepEqual(described.toSorted(), functions.toSorted());
});

for (const example of examples) {
	const impossible =
		(needsNewCalls(example) ? missingCalls : undefined) ??
		(needsDbus(example) ? missingDbus : undefined);
	const title = `example of ${example.name}`;
	const run = impossible === undefined ? test : test.skip;
	run(impossible === undefined ? title : titleWhenSkipped(title, impossible), async (t) => {
		const file = path.join(directory, `${example.name}.mjs`);
		writeFileSync(file, example.code);
		await t.notThrowsAsync(import(pathToFileURL(file).href));
	});
}
