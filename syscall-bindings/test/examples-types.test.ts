// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';

import test from 'ava';
import ts from 'typescript';

import { findExamples } from './helpers/examples.js';
import { packageDirectory } from './helpers/package-files.js';

/** A compiler that finds the examples in memory and everything else on the disk. */
function createHost(options: ts.CompilerOptions, sources: ReadonlyMap<string, string>) {
	const host = ts.createCompilerHost(options);
	return {
		...host,
		fileExists: (file: string) => sources.has(file) || host.fileExists(file),
		readFile: (file: string) => sources.get(file) ?? host.readFile(file),
		getSourceFile: (file: string, target: ts.ScriptTarget | ts.CreateSourceFileOptions) => {
			const text = sources.get(file);
			return text === undefined
				? host.getSourceFile(file, target)
				: ts.createSourceFile(file, text, target);
		},
	};
}

function readOptions(): ts.CompilerOptions {
	const file = path.join(packageDirectory, 'tsconfig.json');
	const source = ts.readJsonConfigFile(file, (name) => ts.sys.readFile(name));
	const { options } = ts.parseJsonSourceFileConfigFileContent(source, ts.sys, packageDirectory);
	return { ...options, noEmit: true, composite: false, incremental: false };
}

test('every example is right as TypeScript', (t) => {
	const options = readOptions();
	const sources = new Map(
		findExamples().map(({ name, code }) => [
			path.join(packageDirectory, 'test', `example-of-${name}.ts`),
			code,
		]),
	);
	const program = ts.createProgram([...sources.keys()], options, createHost(options, sources));
	const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
		const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
		const text = ts.flattenDiagnosticMessageText(messageText, '\n');
		return `${path.basename(file?.fileName ?? '')}:${line}: ${text}`;
	});
	t.deepEqual(complaints, []);
	t.true(sources.size > 0);
});
