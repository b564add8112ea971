// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { packageDirectory } from './package-files.js';

/** A process that holds some bytes at a known address. */
export interface ChildWithMemory {
	pid: number;
	address: bigint;
	/** What the child itself finds there now. */
	show: () => Promise<string>;
	/** Ends it; settles when it has been reaped. */
	stop: () => Promise<void>;
}

/** Prints the address of its memory, then the memory for each line that it reads. */
const program = `
	import { createInterface } from 'node:readline';
	import { addressOf } from '@fastipc/syscall-bindings';
	const memory = Buffer.from(process.env.CHILD_MEMORY);
	console.log(String(addressOf(memory)));
	createInterface({ input: process.stdin }).on('line', () => console.log(memory.toString()));
`;

/** Starts Node, as this process was started, with a program that may import this package. */
export function spawnProgram(
	code: string,
	environment: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
	return spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', code], {
		cwd: packageDirectory,
		env: { ...process.env, ...environment },
	});
}

/** @param content what its memory holds */
export async function startChildWithMemory(content: string): Promise<ChildWithMemory> {
	const child = spawnProgram(program, { CHILD_MEMORY: content });
	child.stderr.pipe(process.stderr);
	const exited = once(child, 'exit');
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const nextLine = async (): Promise<string> => {
		const line = await lines.next();
		if (line.done === true) {
			throw new Error('the child ended before it answered');
		}
		return line.value;
	};
	const address = BigInt(await nextLine());
	if (child.pid === undefined) {
		throw new Error('the child has no pid');
	}
	return {
		pid: child.pid,
		address,
		show: async () => {
			child.stdin.write('\n');
			return nextLine();
		},
		stop: async () => {
			child.kill('SIGKILL');
			await exited;
		},
	};
}
