// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { packageDirectory } from './package-files.js';

/** A piece of code in the documentation. */
export interface Example {
	/** The function that it is about, or `README-1` and so on. */
	name: string;
	code: string;
}

const documentedFunction = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export function (\w+)/g;
const fencedBlock = /^```ts\n([\s\S]*?)^```$/gm;

function withoutStars(comment: string): string {
	return comment.replaceAll(/^ \*(?: |$)/gm, '');
}

function examplesOfSource(file: string): Example[] {
	const text = readFileSync(path.join(packageDirectory, 'src', file), 'utf8');
	return [...text.matchAll(documentedFunction)].flatMap(([, comment = '', name = '']) => {
		const [, ...afterTag] = withoutStars(comment).split('@example\n');
		return afterTag
			.flatMap((part) => [...part.matchAll(fencedBlock)])
			.map(([, code = '']) => ({ name, code }));
	});
}

function examplesOfReadme(): Example[] {
	const text = readFileSync(path.join(packageDirectory, 'README.md'), 'utf8');
	return [...text.matchAll(fencedBlock)].map(([, code = ''], index) => ({
		name: `README-${index + 1}`,
		code,
	}));
}

/** The fenced blocks behind each `@example` in src/, and those of README.md. */
export function findExamples(): Example[] {
	const sources = readdirSync(path.join(packageDirectory, 'src')).filter((file) =>
		file.endsWith('.ts'),
	);
	return [...sources.flatMap(examplesOfSource), ...examplesOfReadme()];
}

/** Whether an example can only run on a kernel with the cross-memory series. */
export function needsNewCalls(example: Example): boolean {
	return /\bcopy(?:From|To)Process\(/.test(example.code);
}

/** Whether an example can only run on a kernel with the series af-dbus. */
export function needsDbus(example: Example): boolean {
	return /\b(?:openSocket\(AF_DBUS|upgradeToDbus\(|connectDbus\(|listenDbus\(|readDbusListing\()/.test(
		example.code,
	);
}
