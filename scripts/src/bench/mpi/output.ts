// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { mechanisms } from './mechanisms.js';

const beginSchema = z.strictObject({
	program: z.enum(['ping-pong', 'hpcc']),
	mechanism: z.enum(mechanisms),
	ranks: z.int().positive(),
	run: z.int().nonnegative(),
	preload: z.enum(['copied', 'probed']).optional(),
});

const messageSchema = z.strictObject({
	bytes: z.int().positive(),
	/** How many of that size all ranks sent. */
	messages: z.int().positive(),
	/** Half a round trip. */
	microseconds: z.number().positive(),
});

const count = z.int().nonnegative();

const countsSchema = z.strictObject({
	program: z.string(),
	pid: z.int().positive(),
	copy_from_process_calls: count,
	copy_from_process_bytes: count,
	copy_to_process_calls: count,
	copy_to_process_bytes: count,
	process_vm_readv_calls: count,
	process_vm_readv_bytes: count,
	process_vm_writev_calls: count,
	process_vm_writev_bytes: count,
});

/** What one process copied, as libprocess-vm-preload.so counted it. */
export type CopyCounts = z.infer<typeof countsSchema>;

/** One run of `mpirun`, and what it printed. */
export interface MpiRunOutput extends z.infer<typeof beginSchema> {
	/** Of ping-pong. */
	messages: z.infer<typeof messageSchema>[];
	/** Of HPCC, by its own names. */
	hpcc: Map<string, number>;
	/** One for each process that copied. */
	counts: CopyCounts[];
}

function parseJson(line: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new Error(`a line that isn't JSON: ${line}`, { cause: error });
	}
}

function parseAs<Value>(schema: z.ZodType<Value>, line: string, text = line): Value {
	const result = schema.safeParse(parseJson(line, text));
	if (!result.success) {
		throw new Error(`a line that means nothing: ${line}\n${z.prettifyError(result.error)}`);
	}
	return result.data;
}

/** HPCC's NAME=VALUE. */
function addHpccLine(output: MpiRunOutput, line: string): void {
	const [, name, value] = /^(\w+)=([-+.\deE]+)$/.exec(line) ?? [];
	if (name === undefined || !Number.isFinite(Number(value))) {
		throw new Error(`a line that means nothing: ${line}`);
	}
	output.hpcc.set(name, Number(value));
}

function addLine(output: MpiRunOutput, line: string): void {
	if (line.startsWith('{"program":')) {
		output.counts.push(parseAs(countsSchema, line));
	} else if (output.program === 'hpcc') {
		addHpccLine(output, line);
	} else {
		output.messages.push(parseAs(messageSchema, line));
	}
}

/**
 * Reads what the guest's script printed.
 * @throws Error that quotes the line that is wrong
 */
export function parseOutput(lines: readonly string[]): MpiRunOutput[] {
	const outputs: MpiRunOutput[] = [];
	for (const line of lines) {
		const [, begin] = /^begin (.*)$/.exec(line) ?? [];
		if (begin !== undefined) {
			const parsed = parseAs(beginSchema, line, begin);
			outputs.push({ ...parsed, messages: [], hpcc: new Map(), counts: [] });
			continue;
		}
		const output = outputs.at(-1);
		if (output === undefined) {
			throw new Error(`a line before anything had begun: ${line}`);
		}
		addLine(output, line);
	}
	return outputs;
}
