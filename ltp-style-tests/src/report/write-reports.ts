// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toJunit } from './junit.js';
import { toKtap } from './ktap.js';
import { countTotals, type StageReport } from './results.js';
import { stageSummary, totalsLine } from './summary.js';

/**
 * Writes junit.xml, report.ktap and summary.txt into a directory, each whole or not at all.
 * @returns the files' paths
 */
export async function writeReports(
	directory: string,
	stages: readonly StageReport[],
): Promise<string[]> {
	await mkdir(directory, { recursive: true });
	const summary = [...stages.map(stageSummary), totalsLine(countTotals(stages))].join('\n');
	return Promise.all([
		writeWhole(path.join(directory, 'junit.xml'), toJunit(stages)),
		writeWhole(path.join(directory, 'report.ktap'), toKtap(stages)),
		writeWhole(path.join(directory, 'summary.txt'), `${summary}\n`),
	]);
}

/** Writes beside the file and renames, so that no reader sees half of it. */
async function writeWhole(file: string, text: string): Promise<string> {
	const beside = `${file}.${process.pid}.partial`;
	try {
		await writeFile(beside, text);
		await rename(beside, file);
	} catch (error) {
		await rm(beside, { force: true });
		throw error;
	}
	return file;
}
