// SPDX-License-Identifier: GPL-2.0-only
import { nativePath } from '@fastipc/native';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A request that memory-target answered with an error. */
export class RequestError extends Error {
	readonly errno: number;

	constructor(request: string, errno: number, reason: string) {
		super(`memory-target: "${request}" failed: ${reason}`);
		this.name = 'RequestError';
		this.errno = errno;
	}
}

/** One end of the line protocol of native/src/memory-target.c. */
export interface Channel {
	/**
	 * Sends a request and waits for its answer.
	 * @returns what follows "ok" on the answer's line
	 * @throws RequestError for an answer that begins with "error"
	 * @throws Error if the process has ended or says something else
	 */
	readonly request: (line: string) => Promise<string>;
}

/** A memory-target process that was started, and how to end it. */
export interface StartedProcess extends Channel {
	/** As this process sees it. */
	readonly processId: number;
	/** Whether it has ended, by itself or by {@link StartedProcess.end}. */
	hasEnded(): boolean;
	/** Ends it and its children, kills it if it doesn't, and waits until it is gone. */
	end(): Promise<void>;
}

const endSeconds = 5;

/** The programs of known memory: of this machine's word size, and a 32-bit one with fewer requests. */
export type MemoryProgram = 'memory-target' | 'i386-memory-target';

/**
 * Starts one of them, in native/build, as a child of this process.
 * @throws Error if it can't be run, which says so
 */
export async function startMemoryTarget(
	program: MemoryProgram = 'memory-target',
): Promise<StartedProcess> {
	const path = nativePath(program);
	const child = spawn(path, [], { stdio: ['pipe', 'pipe', 'pipe'] });
	// Kept for the message: what it says there is of interest only if it goes wrong.
	let complaints = '';
	child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
	const exited = once(child, 'exit');
	await once(child, 'spawn');
	if (child.pid === undefined) {
		throw new Error(`memory-target: ${path} was started but has no process id`);
	}
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		processId: child.pid,
		async request(line) {
			child.stdin.write(`${line}\n`);
			const answer = await lines.next();
			if (answer.done === true) {
				await exited;
				throw new Error(
					`memory-target: no answer to "${line}": ${howItEnded(child)} ${complaints}`,
				);
			}
			return parseAnswer(line, answer.value);
		},
		hasEnded: () => hasEnded(child),
		end: () => endProcess(child, exited),
	};
}

/**
 * The part of an answer after "ok"; exported for its test.
 * @throws RequestError if the answer is an error, Error if it is neither that nor ok
 */
export function parseAnswer(request: string, answer: string): string {
	const [, word, rest = ''] = /^(ok|error \d+)(?: (.*))?$/.exec(answer) ?? [];
	if (word === undefined) {
		throw new Error(
			`memory-target: "${request}" was answered with "${answer}", expected ok or error`,
		);
	}
	if (word === 'ok') {
		return rest;
	}
	throw new RequestError(request, Number(word.slice('error '.length)), rest);
}

function howItEnded(child: ChildProcessWithoutNullStreams): string {
	return child.signalCode === null
		? `it exited with ${child.exitCode ?? 'no status'}.`
		: `it was ended by ${child.signalCode}.`;
}

function hasEnded({ exitCode, signalCode }: ChildProcessWithoutNullStreams): boolean {
	return exitCode !== null || signalCode !== null;
}

async function endProcess(
	child: ChildProcessWithoutNullStreams,
	exited: Promise<unknown>,
): Promise<void> {
	if (hasEnded(child)) {
		return;
	}
	// The end of its input tells it to end its children and itself. A process that is
	// stuck in a call doesn't read it.
	child.stdin.destroy();
	const timer = setTimeout(() => child.kill('SIGKILL'), endSeconds * 1000);
	await exited;
	clearTimeout(timer);
}
